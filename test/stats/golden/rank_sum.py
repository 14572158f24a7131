"""Golden values of the rank-sum test over two count arrays, by scipy.

    venv/bin/python rank_sum.py > rank-sum.json
"""

import json
import sys

import numpy as np
from scipy import stats

rng = np.random.default_rng(7)


def case(name, reference, current):
    """Values are the numbers of their bins, so that those of one bin are ties."""
    x = np.repeat(np.arange(len(current)), current)
    y = np.repeat(np.arange(len(reference)), reference)
    test = stats.mannwhitneyu(x, y, method="asymptotic", use_continuity=False)
    return {
        "name": name,
        "reference": [int(count) for count in reference],
        "current": [int(count) for count in current],
        "superiority": float(test.statistic / (len(x) * len(y))),
        "pValue": float(test.pvalue),
    }


bins = 257
shares = np.full(bins, 1 / bins)
slope = np.linspace(0.8, 1.2, bins)
cases = [
    case("no shift", rng.multinomial(10_000, shares), rng.multinomial(1_000, shares)),
    case("shift", rng.multinomial(10_000, shares), rng.multinomial(1_000, slope / slope.sum())),
    case("few bins", [500, 300, 150, 50], [40, 35, 15, 10]),
    case("apart", [100, 0], [0, 100]),
    case("unequal sizes", [3, 9, 1], [1_000, 2_000, 4_000]),
]
json.dump({"cases": cases}, sys.stdout)
