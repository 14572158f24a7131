"""Wide grids of the survival functions into their far tails: mpmath at 50 digits, rounded to doubles.

    venv/bin/python tails.py > tails.json

Arguments are doubles, so what is rounded is the value, never the question. Kept are values of 1e-300 and
more. Where two evaluations (50 and 80 digits) differ, a row is refused rather than written.
"""

import json
import sys

import mpmath as mp


def gamma_q(a, x):
    return mp.gammainc(mp.mpf(a), mp.mpf(x), mp.inf, regularized=True)


def gamma_p(a, x):
    return mp.gammainc(mp.mpf(a), 0, mp.mpf(x), regularized=True)


def chi2_sf(x, df):
    return gamma_q(mp.mpf(df) / 2, mp.mpf(x) / 2)


def normal_sf(z):
    return mp.erfc(mp.mpf(z) / mp.sqrt(2)) / 2


def beta_i(a, b, x):
    """The series of mpmath; for large whole parameters the binomial tail, all terms positive."""
    x = mp.mpf(x)
    if a + b < 1500:
        return mp.betainc(mp.mpf(a), mp.mpf(b), 0, x, regularized=True)
    n, ratio = int(a + b) - 1, x / (1 - x)
    term = total = mp.binomial(n, int(a)) * x ** int(a) * (1 - x) ** (n - int(a))
    for k in range(int(a), n):
        term *= ratio * (n - k) / (k + 1)
        total += term
    return total


def t_sf(t, df):
    t, df = mp.mpf(t), mp.mpf(df)
    tail = mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2
    return tail if t >= 0 else 1 - tail


def around(mean, deviation, least=0.0):
    """From far below to far above a law's mean, in its deviations."""
    steps = (-30, -12, -6, -4, -2.5, -1.5, -1, -0.5, -0.1, 0.0, 0.1, 0.5, 1, 1.5, 2.5, 4, 6, 9, 13, 18, 24, 30, 36, 42)
    return [mean + k * deviation for k in steps if mean + k * deviation > least]


CHI2 = [(x, df) for df in (1, 2, 3, 4, 5, 7, 9, 10, 15, 19, 30, 64, 99, 255, 256, 1000, 9999, 100000)
        for x in around(df, (2 * df) ** 0.5) + [1e-300, 1e-20, 1e-5, 0.01, 0.3, df * 0.5, df * 1.7, df + 200.0, df + 700.0, df + 1370.0]]
GAMMA = [(a, x) for a in (1e-6, 0.003, 0.25, 0.5, 0.999, 1.0, 1.001, 1.7, 3.3, 8.0, 25.5, 120.0, 3000.25, 50000.0, 1e6)
         for x in around(a, a ** 0.5) + [1e-100, 1e-9, 0.03, 0.7, 1.3, 1.6, a + 1.0, a + 100.0, a + 500.0, a + 690.0]]
NORMAL = [(k / 8,) for k in range(-304, 300)] + [(1e-9,), (37.4,)]
STUDENT = [(t, df) for df in (0.3, 1, 1.5, 2, 3, 4.7, 10, 29, 100, 999.5, 10000, 1000000)
           for t in (-40.0, -3.0, -0.2, 1e-12, 1e-3, 0.1, 0.4, 0.9, 1.0, 1.1, 1.96, 3.3, 6.0, 9.0, 14.0, 22.0, 30.0, 36.0, 37.0, 60.0,
                     1e3, 1e6, 1e12, 1e30, 1e70, 1e150)]
SHARES = (1e-250, 1e-60, 1e-12, 1e-4, 0.02, 0.15, 0.3, 0.49, 0.5, 0.7, 0.9, 0.985, 0.9999, 1 - 2**-40)
BETA = [(a, b, x) for a in (0.01, 0.5, 1.0, 2.5, 12.0, 80.0, 400.0) for b in (0.02, 0.5, 1.0, 3.5, 15.0, 90.0, 600.0)
        for x in [*SHARES, *(a / (a + b) * f for f in (0.8, 0.98, 1.0, 1.02, 1.15) if a / (a + b) * f < 1)]]
BETA += [(a, b, a / (a + b) * f) for a, b in ((2000.0, 3000.0), (20000.0, 1000.0), (500.0, 15000.0), (30000.0, 30000.0))
         for f in (0.85, 0.96, 0.99, 0.999, 1.0, 1.001, 1.01, 1.03) if a / (a + b) * f < 1]

CASES = {"chiSquareSf": (chi2_sf, CHI2), "gammaQ": (gamma_q, GAMMA), "gammaP": (gamma_p, GAMMA), "normalSf": (normal_sf, NORMAL),
         "studentTSf": (t_sf, STUDENT), "betaI": (beta_i, BETA)}


def rows(name, function, arguments):
    out, refused = [], 0
    for args in arguments:
        try:
            values = []
            for digits in (50, 80):
                with mp.workdps(digits):
                    values.append(+function(*args))
        except Exception as error:  # mpmath gives up on a few
            print(name, args, error, file=sys.stderr)
            refused += 1
            continue
        a, b = (mp.re(v) for v in values)
        if abs(b) < mp.mpf("1e-300"):
            continue
        if abs(a - b) > abs(b) * mp.mpf("1e-20"):
            print(name, args, "unsure", mp.nstr(a, 20), mp.nstr(b, 20), file=sys.stderr)
            refused += 1
            continue
        out.append([*args, float(b)])
    print(name, len(out), "rows,", refused, "refused", file=sys.stderr)
    return out


if __name__ == "__main__":
    result = {name: rows(name, *case) for name, case in CASES.items()}
    result["tool"] = f"mpmath {mp.__version__}"
    print(json.dumps(result))
