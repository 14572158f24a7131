"""Golden values of the Kolmogorov-Smirnov laws and statistics, by scipy and exact counting.

    venv/bin/python kolmogorov_smirnov.py > kolmogorov-smirnov.json
"""

import json
from fractions import Fraction
from math import comb

import numpy as np
import scipy
from scipy import stats


def kstwo():
    rows = []
    for n in (1, 2, 3, 5, 10, 20, 50, 100, 139, 140, 141, 200, 500, 1000, 2500, 5000, 10000, 33333,
              100000, 100001, 500000, 1000000):
        ds = {z / np.sqrt(n) for z in (0.05, 0.1, 0.2, 0.3, 0.39, 0.5, 0.7, 0.86, 0.87, 1.0, 1.2, 1.358, 1.48,
                                       1.49, 1.7, 1.99, 2.01, 2.5, 3.0, 4.0, 4.3, 6.0, 10.0, 15.0, 18.0)}
        ds |= {0.5 / n, 0.7 / n, 1.0 / n, 1.5 / n, 2.25 / n, 0.3, 0.5, 0.6, 0.9, 1 - 0.5 / n, 0.05, 0.02}
        for d in sorted(ds):
            if not 0 < d < 1 or n * d < 0.5:
                continue
            if n > 10000 and n * d**1.5 <= 1.4 and n * d > 40:
                continue  # scipy needs seconds for these
            value = float(stats.kstwo.sf(d, n))
            if value > 1e-290:
                rows.append([float(d), n, value])
    return rows


def exact_fraction(steps, n, m):
    """P(D >= steps/(nm)) by counting lattice paths in whole numbers."""
    inside = [1 if y * n < steps else 0 for y in range(m + 1)]
    for y in range(1, m + 1):
        inside[y] = inside[y] and inside[y - 1]
    for x in range(1, n + 1):
        for y in range(m + 1):
            if abs(x * m - y * n) >= steps:
                inside[y] = 0
            elif y > 0:
                inside[y] += inside[y - 1]
    return 1 - Fraction(inside[m], comb(n + m, n))


def counted():
    rows = []
    for n, m in ((1, 1), (1, 5), (3, 4), (6, 9), (7, 7), (12, 12), (40, 25), (64, 64), (90, 120), (150, 150), (200, 131)):
        smallest = n * m // np.gcd(n, m)
        for share in (0.03, 0.1, 0.15, 0.2, 0.3, 0.45, 0.7, 0.9, 1.0):
            unit = n * m // int(smallest) if n != m else n
            steps = max(unit, round(share * n * m / unit) * unit)
            value = float(exact_fraction(steps, n, m))
            if value > 1e-300:
                rows.append([steps, n, m, value])
    return rows


def samples():
    rng = np.random.default_rng(20240115)
    cases = []

    def add(name, a, b):
        a, b = np.asarray(a, float), np.asarray(b, float)
        exact = stats.ks_2samp(a, b, method="exact")
        asymptotic = stats.ks_2samp(a, b, method="asymp")
        cases.append({
            "name": name, "a": a.tolist(), "b": b.tolist(), "statistic": float(exact.statistic),
            "exact": float(exact.pvalue), "kstwo": float(asymptotic.pvalue),
        })

    add("normal, shifted", rng.normal(size=80).round(6), rng.normal(0.5, size=120).round(6))
    add("same size", rng.normal(size=100).round(6), rng.normal(size=100).round(6))
    add("ties", rng.integers(0, 6, 150), rng.integers(0, 7, 90))
    add("far apart", rng.normal(size=30).round(6), rng.normal(9, size=41).round(6))
    add("one constant", np.zeros(25), rng.integers(-1, 2, 40))
    add("equal", np.arange(17), np.arange(17))
    return cases


def large():
    """Sizes up to the limit of the exact law; the statistic is given, not the samples."""
    rows = []
    for n, m, d in ((1000, 700, 0.08), (5000, 5000, 0.03), (10000, 10000, 0.02), (10000, 1000, 0.05),
                    (10000, 9999, 0.02), (10000, 9973, 0.025), (4096, 1000, 0.07), (10000, 200, 0.3)):
        unit = n if n == m else int(np.gcd(n, m))
        steps = round(d * n * m / unit) * unit
        g = int(np.gcd(n, m))
        _, _, p = stats._stats_py._attempt_exact_2kssamp(n, m, g, steps / (n * m), "two-sided")
        rows.append([steps, n, m, float(p)])
    return rows


if __name__ == "__main__":
    print(json.dumps({
        "tool": f"scipy {scipy.__version__}, numpy {np.__version__}; counted: Python integers",
        "kstwo": kstwo(), "counted": counted(), "samples": samples(), "large": large(),
    }))
