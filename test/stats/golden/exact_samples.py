"""Golden values for pairs of samples that a rule makes: D by whole numbers, p-values by scipy.

    venv/bin/python exact_samples.py > exact-samples.json

Value i of a sample is floor(levels * unit(i, seed) ** power): few levels make ties.
"""

import json
import warnings

import numpy as np
import scipy
from scipy import stats

from detectors import unit

warnings.filterwarnings("error")


def sample(rule):
    return [int(rule["levels"] * unit(i, rule["seed"]) ** rule["power"]) for i in range(rule["size"])]


def steps(a, b):
    """D times n m, counted at every value of either."""
    xs = np.unique(a + b)
    below_a = np.searchsorted(np.sort(a), xs, side="right")
    below_b = np.searchsorted(np.sort(b), xs, side="right")
    return int(max(abs(int(i) * len(b) - int(j) * len(a)) for i, j in zip(below_a, below_b)))


if __name__ == "__main__":
    rows = []
    for case in range(400):
        n, m = 1 + int(unit(case, 901) ** 2 * 900), 1 + int(unit(case, 902) ** 2 * 700)
        levels = [3, 10, 100, 1000000][case % 4]
        a = {"seed": 2 * case + 10, "size": n, "levels": levels, "power": 1.0}
        b = {"seed": 2 * case + 11, "size": m, "levels": levels, "power": [1.0, 1.2, 2.0][case % 3]}
        x, y = sample(a), sample(b)
        d = steps(x, y)
        row = {"a": a, "b": b, "steps": d, "wasserstein": float(stats.wasserstein_distance(x, y))}
        try:
            exact = stats.ks_2samp(x, y, method="exact")
            row["p"] = float(exact.pvalue) if exact.pvalue > 1e-300 else None
        except RuntimeWarning:  # scipy could not count and took the asymptotic law
            row["p"] = None
        rows.append(row)
    print(json.dumps({"tool": f"scipy {scipy.__version__}, numpy {np.__version__}", "cases": rows}))
