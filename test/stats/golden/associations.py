"""Golden values of mutual information, correlations and distances of samples, by scipy and scikit-learn.

    venv/bin/python associations.py > associations.json
"""

import json

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn.metrics import mutual_info_score


def information():
    rng = np.random.default_rng(21)
    rows = []
    for rows_, columns, size, strength in ((2, 2, 50, 0.0), (10, 2, 900, 0.3), (4, 3, 5000, 0.05), (20, 2, 100000, 0.8)):
        x = rng.integers(0, rows_, size)
        y = np.where(rng.random(size) < strength, x % columns, rng.integers(0, columns, size))
        joint = np.zeros((rows_, columns), int)
        np.add.at(joint, (x, y), 1)
        value = float(mutual_info_score(x, y))
        filled = joint[joint.sum(1) > 0][:, joint.sum(0) > 0]
        df = (filled.shape[0] - 1) * (filled.shape[1] - 1)
        g = stats.chi2_contingency(filled, correction=False, lambda_="log-likelihood")
        rows.append({"joint": joint.ravel().tolist(), "columns": columns, "value": value, "df": df,
                     "statistic": float(g.statistic), "p": float(g.pvalue), "bias": df / 2 / size})
    return rows


def homogeneity():
    """Sum over bins of the chi-square tests of label by period."""
    rng = np.random.default_rng(22)
    rows = []
    for bins, labels, n, m, turn in ((5, 2, 4000, 1000, 0.0), (8, 3, 30000, 9000, 0.1), (3, 2, 900, 700, 0.3)):
        def table(size, shift):
            x = rng.integers(0, bins, size)
            p = (x + 1) / (bins + 2) + shift * (1 - 2 * x / bins) / 2
            y = np.where(rng.random(size) < p, 1, rng.integers(0, labels, size))
            joint = np.zeros((bins, labels), int)
            np.add.at(joint, (x, y), 1)
            return joint
        r, c = table(n, 0), table(m, turn)
        tests = [stats.chi2_contingency([r[i], c[i]], correction=False) for i in range(bins)]
        statistic, df = sum(t.statistic for t in tests), sum(t.dof for t in tests)
        rows.append({"reference": r.ravel().tolist(), "current": c.ravel().tolist(), "columns": labels,
                     "statistic": float(statistic), "df": int(df), "p": float(stats.chi2.sf(statistic, df))})
    return rows


def correlations():
    rng = np.random.default_rng(23)
    rows = []
    for name, x, y in (
        ("normal", rng.normal(size=60).round(4), None),
        ("ties", rng.integers(0, 6, 200), rng.integers(0, 5, 200)),
        ("labels", rng.normal(size=150).round(3), rng.integers(0, 2, 150)),
        ("far from 0", 1e8 + rng.normal(size=80).round(3), None),
        ("short", np.array([1.0, 2.0, 4.0, 3.0]), np.array([0.0, 1.0, 1.0, 2.0])),
        ("monotone", np.arange(20.0), np.exp(np.arange(20.0) / 3)),
    ):
        x = np.asarray(x, float)
        y = np.asarray((0.6 * (x - x.mean()) + rng.normal(size=x.size)).round(4) if y is None else y, float)
        p, s = stats.pearsonr(x, y), stats.spearmanr(x, y)
        row = {"name": name, "x": x.tolist(), "y": y.tolist(), "pearson": [float(p.statistic), float(p.pvalue)],
               "spearman": [float(s.statistic), float(s.pvalue)], "ranks": stats.rankdata(x).tolist()}
        if set(y) <= {0.0, 1.0}:
            b = stats.pointbiserialr(y, x)
            row["pointBiserial"] = [float(b.statistic), float(b.pvalue)]
        rows.append(row)
    return rows


def changes():
    """Difference of Fisher's z, written out; [r1, n1, r2, n2, kind, z, p]."""
    rows = []
    for r1, n1, r2, n2 in ((0.3, 100, 0.5, 80), (-0.2, 10000, -0.15, 900), (0.9, 50, 0.2, 4), (0.0, 30, 0.0, 30)):
        for kind in ("pearson", "spearman"):
            factor = (lambda r: 1 + r * r / 2) if kind == "spearman" else (lambda r: 1)
            z = (np.arctanh(r2) - np.arctanh(r1)) / np.sqrt(factor(r1) / (n1 - 3) + factor(r2) / (n2 - 3))
            rows.append([r1, n1, r2, n2, kind, float(z), float(2 * stats.norm.sf(abs(z)))])
    return rows


def distances():
    rng = np.random.default_rng(24)
    rows = []
    for a, b in ((rng.normal(size=50).round(5), rng.normal(0.3, 2, size=70).round(5)),
                 (rng.integers(0, 5, 40), rng.integers(1, 9, 31)), (np.zeros(3), np.ones(5)),
                 (rng.exponential(1e6, 200).round(2), rng.exponential(1.1e6, 90).round(2)), ([2.0], [2.0])):
        rows.append({"a": np.asarray(a, float).tolist(), "b": np.asarray(b, float).tolist(),
                     "value": float(stats.wasserstein_distance(a, b))})
    return rows


if __name__ == "__main__":
    print(json.dumps({
        "tool": f"scipy {scipy.__version__}, scikit-learn {sklearn.__version__}, numpy {np.__version__}",
        "information": information(), "homogeneity": homogeneity(), "correlations": correlations(),
        "changes": changes(), "distances": distances(),
    }))
