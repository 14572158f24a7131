"""Golden values of the whole-file statistics: numpy and scipy, by the definitions of
docs/monitor-command.md.

    venv/bin/python whole_file.py > whole-file.json
"""

import json

import numpy as np
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon

FLOOR = 1e-4


def decile_counts(reference, current):
    """Bins (a, b] at the deciles; a decile that comes more than once has a bin of its own."""
    values = np.unique(reference)
    if len(values) <= 10:
        points, edges = values.tolist(), values.tolist()
    else:
        deciles = np.quantile(reference, np.arange(11) / 10)
        points = [d for i, d in enumerate(deciles) if d in np.delete(deciles, i)]
        edges = sorted(set(deciles[1:10]) | set(points))
    cuts = []
    for edge in edges:
        if edge in points:
            cuts.append(np.nextafter(edge, -np.inf))
        cuts.append(edge)
    cuts = np.unique(cuts)

    def counts(x):
        return np.bincount(np.searchsorted(cuts, x, side="left"), minlength=len(cuts) + 1)

    return counts(reference), counts(current)


def g_test(r, c):
    """Likelihood ratio over Williams' correction (1976); no bin is so rare that it is pooled.

    Of two bins, one of them empty on a side, Fisher's exact test.
    """
    table = np.array([r, c])
    if len(r) == 2 and table.min() == 0:
        return float(stats.fisher_exact(table)[1])
    assert stats.contingency.expected_freq(table).min() >= 5
    found = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
    n, m = r.sum(), c.sum()
    both = n + m
    inverse = (1 / (r + c)).sum()
    q = 1 + (both / n + both / m - 1) * (both * inverse - 1) / (6 * both * found.dof)
    return float(stats.chi2.sf(found.statistic / q, found.dof))


def distances(r, c):
    """Of counts of the same bins, those empty on both sides left out."""
    used = (r + c) > 0
    r, c = r[used], c[used]
    n, m = r.sum(), c.sum()
    p, q = np.maximum(r / n, FLOOR), np.maximum(c / m, FLOOR)
    psi = float(((q - p) * np.log(q / p)).sum())
    scale, df = 1 / n + 1 / m, len(r) - 1
    is_rare = ((r + c) * min(n, m) / (n + m)).min() < 80 or df == 1
    p, q = r / n, c / m
    js = float(jensenshannon(p, q, base=2))
    hellinger = float(np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum() / 2))

    def p_value(chi):
        if df == 0:
            return 1.0
        return g_test(r, c) if is_rare else float(stats.chi2.sf(chi / scale, df))

    return {
        "psi": {"statistic": psi, "p": p_value(psi), "effect": psi - df * scale},
        "js": {"statistic": js, "p": p_value(8 * js**2 * np.log(2))},
        "hellinger": {"statistic": hellinger, "p": p_value(8 * hellinger**2)},
        "tv": {"statistic": float(np.abs(p - q).sum() / 2)},
    }


def finite(values):
    return np.array([x for x in values if x is not None and np.isfinite(x)])


def with_missing(counts, values, usable):
    return np.append(counts, len(values) - usable)


def numeric(name, reference, current):
    x, y = finite(reference), finite(current)
    r, c = decile_counts(x, y)
    expected = distances(with_missing(r, reference, len(x)), with_missing(c, current, len(y)))
    ks = stats.ks_2samp(x, y)
    distance = stats.wasserstein_distance(x, y)
    expected["ks"] = {"statistic": float(ks.statistic), "p": float(ks.pvalue)}
    expected["wasserstein"] = {"statistic": float(distance)}
    if len(set(x)) > 1:
        largest = abs(x).max()  # the squares of 1e-300 are nothing
        deviation = np.std(x / largest, ddof=1) * largest
        expected["wasserstein"]["effect"] = float(distance / deviation)
    return {"column": name, "reference": reference, "current": current, "expected": expected}


def category(name, reference, current):
    x = [v for v in reference if v is not None]
    y = [v for v in current if v is not None]
    values = sorted(set(x) | set(y))
    r = np.array([x.count(v) for v in values])
    c = np.array([y.count(v) for v in values])
    expected = distances(with_missing(r, reference, len(x)), with_missing(c, current, len(y)))
    chi2 = stats.chi2_contingency(np.array([r, c]))
    expected["chi2"] = {"statistic": float(chi2.statistic), "p": float(chi2.pvalue),
                        "effect": float(np.abs(r / r.sum() - c / c.sum()).sum() / 2)}
    return {"column": name, "reference": reference, "current": current, "expected": expected}


def with_nulls(rng, values, share):
    return [None if rng.random() < share else v for v in values]


def main():
    rng = np.random.default_rng(11)
    n, m = 700, 500
    columns = [
        numeric("same", rng.normal(size=n).tolist(), rng.normal(size=m).tolist()),
        numeric("shifted", rng.normal(size=n).tolist(), (rng.normal(size=m) + 0.4).tolist()),
        numeric("tied", rng.poisson(8, n).tolist(), rng.poisson(9, m).tolist()),
        numeric("stars", rng.integers(1, 6, n).tolist(), rng.integers(2, 8, m).tolist()),
        numeric("zeros", (rng.exponential(size=n) * (rng.random(n) < 0.5)).tolist(),
                (rng.exponential(size=m) * (rng.random(m) < 0.7)).tolist()),
        numeric("constant", [3.5] * n, [3.5] * (m - 50) + [4.5] * 50),
        numeric("nulls", with_nulls(rng, rng.normal(size=n).tolist(), 0.05),
                with_nulls(rng, rng.normal(size=m).tolist(), 0.2)),
        numeric("tiny", (rng.normal(size=n) * 1e-300).tolist(),
                (rng.normal(size=m) * 1e-300).tolist()),
        numeric("huge", (rng.normal(size=n) * 1e150).tolist(),
                (rng.normal(size=m) * 2e150).tolist()),
        category("city", rng.choice(["a", "b", "c", "d"], n, p=[0.4, 0.3, 0.2, 0.1]).tolist(),
                 rng.choice(["a", "b", "c", "d"], m, p=[0.3, 0.3, 0.3, 0.1]).tolist()),
        category("new", rng.choice(["x", "y", "z"], n).tolist(),
                 rng.choice(["x", "y", "z", "new, \"quoted\""], m).tolist()),
        category("two", rng.choice(["yes", "no"], n).tolist(),
                 rng.choice(["yes", "no"], m, p=[0.6, 0.4]).tolist()),
        category("holes", with_nulls(rng, rng.choice(["x", "y", "z"], n).tolist(), 0.1),
                 with_nulls(rng, rng.choice(["x", "y", "z"], m).tolist(), 0.3)),
    ]
    for column in columns:
        for side in ("reference", "current"):
            column[side] = [v.item() if isinstance(v, np.generic) else v for v in column[side]]
    versions = {"numpy": np.__version__, "scipy": scipy.__version__}
    print(json.dumps({"versions": versions, "columns": columns}, allow_nan=False))


if __name__ == "__main__":
    main()
