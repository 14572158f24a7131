"""Golden values of intervals, power and sample sizes, by statsmodels.

    venv/bin/python planning.py > planning.json
"""

import json

import statsmodels
from statsmodels.stats import power, proportion


def intervals():
    rows = []
    for s1, n1, s2, n2 in ((120, 1000, 150, 1000), (5, 40, 9, 35), (0, 50, 3, 60), (10, 10, 7, 12), (9000, 90000, 1100, 10000)):
        one = proportion.proportion_confint(s1, n1, method="wilson")
        both = proportion.confint_proportions_2indep(s2, n2, s1, n1, method="newcomb", compare="diff")
        rows.append([s1, n1, s2, n2, *map(float, one), *map(float, both)])
    return rows


def proportions():
    rows = []
    for p1, p2, n, ratio in ((0.1, 0.12, 3841, 1), (0.02, 0.03, 500, 1), (0.5, 0.4, 200, 0.25), (0.3, 0.31, 90000, 2), (0.2, 0.2, 100, 1)):
        # statsmodels' prop2 is the share of the second sample, diff what the first has more.
        r = proportion.power_proportions_2indep(p1 - p2, p2, n, ratio=ratio, alpha=0.05)
        rows.append([p1, p2, n, ratio, float(r.power)])
    return rows


def means():
    test = power.TTestIndPower()
    rows = []
    for d, n, ratio, alpha in ((0.5, 64, 1, 0.05), (0.1, 1000, 1, 0.05), (0.2, 300, 3, 0.01), (1.2, 5, 1, 0.05), (0.02, 50000, 1, 0.05), (2.0, 12, 1, 0.05)):
        rows.append([d, n, ratio, alpha, float(test.power(d, n, alpha, ratio=ratio))])
    return rows


def sizes():
    test = power.TTestIndPower()
    rows = []
    for d, goal, ratio in ((0.5, 0.8, 1), (0.2, 0.9, 1), (0.1, 0.8, 0.5), (1.0, 0.95, 2), (0.03, 0.8, 1)):
        rows.append([d, goal, ratio, float(test.solve_power(effect_size=d, power=goal, alpha=0.05, ratio=ratio))])
    return rows


def proportion_sizes():
    rows = []
    for p1, p2, goal, ratio in ((0.1, 0.12, 0.8, 1), (0.02, 0.03, 0.9, 1), (0.5, 0.4, 0.8, 0.25), (0.05, 0.06, 0.8, 3)):
        n = proportion.samplesize_proportions_2indep_onetail(p1 - p2, p2, goal, ratio=ratio, alpha=0.05)
        rows.append([p1, p2, goal, ratio, float(n)])
    return rows


if __name__ == "__main__":
    print(json.dumps({
        "tool": f"statsmodels {statsmodels.__version__}", "intervals": intervals(), "proportions": proportions(),
        "means": means(), "sizes": sizes(), "proportionSizes": proportion_sizes(),
    }))
