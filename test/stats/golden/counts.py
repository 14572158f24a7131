"""Golden values of the statistics over two count arrays, by numpy and scipy.

    venv/bin/python counts.py > counts.json
"""

import json

import numpy as np
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon


def psi(r, c, floor=1e-4):
    r = np.maximum(r / r.sum(), floor)
    c = np.maximum(c / c.sum(), floor)
    return float(np.sum((c - r) * np.log(c / r)))


def kl(r, c, floor=1e-4):
    return float(stats.entropy(np.maximum(c / c.sum(), floor), np.maximum(r / r.sum(), floor)))


def case(r, c):
    r, c = np.asarray(r), np.asarray(c)
    n, m, b = int(r.sum()), int(c.sum()), int(((r + c) > 0).sum())
    rs, cs = r / n, c / m
    scale = 1 / n + 1 / m
    row = {
        "reference": r.tolist(), "current": c.tolist(),
        "psi": psi(r, c), "psiNullMean": (b - 1) * scale,
        "psiCritical": float(stats.chi2.isf(0.05, b - 1) * scale),
        "psiPValue": float(stats.chi2.sf(psi(r, c) / scale, b - 1)),
        "jensenShannon": float(jensenshannon(rs, cs, base=2)),
        "hellinger": float(np.sqrt(np.sum((np.sqrt(rs) - np.sqrt(cs)) ** 2) / 2)),
        "totalVariation": float(np.abs(rs - cs).sum() / 2),
        "kl": kl(r, c),
    }
    table = np.array([r, c])[:, (r + c) > 0]
    expected = stats.contingency.expected_freq(table)
    if expected.min() >= 5:
        test = stats.chi2_contingency(table, correction=False)
        row["chiSquare"] = [float(test.statistic), int(test.dof), float(test.pvalue)]
        g = stats.chi2_contingency(table, correction=False, lambda_="log-likelihood")
        row["gTest"] = [float(g.statistic), int(g.dof), float(g.pvalue)]
    return row


def cases():
    rng = np.random.default_rng(7)
    rows = [
        case([100, 200, 300, 400], [110, 190, 290, 410]),
        case([100, 200, 300, 0], [50, 0, 100, 150]),
        case([1000, 0, 0], [0, 0, 300]),
        case([1_000_000, 500_000, 30_000], [900, 550, 50]),
    ]
    for size in (2, 5, 10, 20, 60):
        for scale in (300, 5000, 400_000):
            p, q = rng.dirichlet(np.ones(size) * 2), rng.dirichlet(np.ones(size) * 2)
            rows.append(case(rng.multinomial(scale, p), rng.multinomial(scale // 2, 0.9 * p + 0.1 * q)))
    return rows


def wasserstein():
    rng = np.random.default_rng(8)
    rows = []
    for size in (2, 5, 30):
        edges = np.sort(rng.normal(size=size).round(3))
        positions = np.concatenate([[edges[0]], (edges[:-1] + edges[1:]) / 2, [edges[-1]]])
        beyond = edges[-1] + (edges[-1] - edges[0])
        positions = np.concatenate([positions, [beyond, beyond]])
        r, c = rng.integers(0, 90, positions.size), rng.integers(0, 50, positions.size)
        rows.append({
            "edges": edges.tolist(), "reference": r.tolist(), "current": c.tolist(),
            "value": float(stats.wasserstein_distance(positions, positions, r, c)),
        })
    return rows


def fisher():
    tables = [(3, 1, 1, 3), (8, 2, 1, 5), (0, 10, 12, 3), (120, 880, 90, 910), (1, 999_999, 100, 0),
              (0, 1_000_000, 3, 97), (40, 60, 41, 59), (5, 0, 0, 5), (2, 20000, 9, 9991), (300, 2, 1, 280)]
    return [[*t, float(stats.fisher_exact([[t[0], t[1]], [t[2], t[3]]]).pvalue)] for t in tables]


if __name__ == "__main__":
    print(json.dumps({
        "tool": f"scipy {scipy.__version__}, numpy {np.__version__}",
        "cases": cases(), "wasserstein": wasserstein(), "fisher": fisher(),
    }))
