"""Golden values of the maximum mean discrepancy, by numpy; p-values by all permutations.

    venv/bin/python discrepancy.py > discrepancy.json
"""

import itertools
import json

import numpy as np
from sklearn.metrics.pairwise import rbf_kernel


def unbiased(kernel, side):
    inside = np.zeros(len(kernel), bool)
    inside[list(side)] = True
    xx, yy, xy = kernel[np.ix_(inside, inside)], kernel[np.ix_(~inside, ~inside)], kernel[np.ix_(inside, ~inside)]
    n, m = len(xx), len(yy)
    return ((xx.sum() - np.trace(xx)) / (n * (n - 1)) + (yy.sum() - np.trace(yy)) / (m * (m - 1)) - 2 * xy.mean())


def case(x, y, bandwidth, permute):
    rows = np.vstack([x, y])
    kernel = rbf_kernel(rows, gamma=1 / (2 * bandwidth**2))
    value = unbiased(kernel, range(len(x)))
    row = {"reference": x.ravel().tolist(), "current": y.ravel().tolist(), "width": x.shape[1],
           "bandwidth": bandwidth, "value": float(value)}
    if permute:
        all_ = [unbiased(kernel, side) for side in itertools.combinations(range(len(rows)), len(x))]
        row["p"] = float(np.mean(np.array(all_) >= value - 1e-12))
    return row


if __name__ == "__main__":
    rng = np.random.default_rng(31)
    print(json.dumps({
        "tool": f"numpy {np.__version__}",
        "cases": [
            case(rng.normal(size=(6, 2)).round(4), rng.normal(0.8, 1, size=(6, 2)).round(4), 1.0, True),
            case(rng.normal(size=(5, 3)).round(4), rng.normal(size=(7, 3)).round(4), 2.0, True),
            case(rng.integers(0, 3, (7, 1)).astype(float), rng.integers(0, 4, (6, 1)).astype(float), 1.0, True),
            case(rng.normal(size=(90, 4)).round(3), rng.normal(0.2, 1.2, size=(60, 4)).round(3), 2.5, False),
        ],
    }))
