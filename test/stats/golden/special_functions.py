"""Golden values of the special functions: mpmath at 60 digits, rounded to doubles.

    python -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python special_functions.py > special-functions.json

Arguments are doubles, so what is rounded is the value, never the question.
"""

import json

import mpmath as mp

mp.mp.dps = 60


def chi2_sf(x, df):
    return mp.gammainc(mp.mpf(df) / 2, mp.mpf(x) / 2, mp.inf, regularized=True)


def t_sf(t, df):
    t, df = mp.mpf(t), mp.mpf(df)
    tail = mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2
    return tail if t >= 0 else 1 - tail


def log_gamma(x):
    return mp.loggamma(mp.mpf(x))


def gamma_q(a, x):
    return mp.gammainc(mp.mpf(a), mp.mpf(x), mp.inf, regularized=True)


def gamma_p(a, x):
    return mp.gammainc(mp.mpf(a), 0, mp.mpf(x), regularized=True)


def beta_i(a, b, x):
    return mp.betainc(mp.mpf(a), mp.mpf(b), 0, mp.mpf(x), regularized=True)


def normal_sf(z):
    return mp.erfc(mp.mpf(z) / mp.sqrt(2)) / 2


def rows(function, arguments):
    out = []
    for args in arguments:
        value = float(function(*args).real)
        if value == 0 or (abs(value) >= 1e-305):
            out.append([*args, value])
    return out


CASES = {
    "logGamma": (
        log_gamma,
        [(x,) for x in (1e-8, 0.001, 0.1, 0.3, 0.5, 0.75, 0.9999999, 1.0000001, 1.3, 1.5, 1.9999, 2.0001,
                        2.4, 2.6, 3.7, 5.5, 9.99, 10.0, 10.5, 33.3, 171.6, 1234.5, 1e6, 1e12)],
    ),
    "gammaP": (
        gamma_p,
        [(a, x) for a in (0.5, 1.0, 2.5, 10.0, 100.0) for x in (1e-10, 0.01, 0.4, 1.0, 3.0, 12.0, 90.0, 130.0)]
        + [(1000.0, 500.0), (1000.0, 990.0), (1000.0, 1010.0)],
    ),
    "gammaQ": (
        gamma_q,
        [(a, x) for a in (0.001, 0.1, 0.5, 1.0, 1.5, 4.5, 30.0) for x in (1e-6, 0.2, 0.9, 1.4, 2.0, 7.0, 40.0, 300.0, 690.0)]
        + [(1000.0, 900.0), (1000.0, 1000.0), (1000.0, 1100.0), (1000.0, 2500.0), (50000.0, 50500.0)],
    ),
    "chiSquareSf": (
        chi2_sf,
        [(x, df) for df in (1, 2, 3, 9, 19, 100, 255) for x in (1e-9, 0.01, 0.5, 3.0, 9.5, 30.0, 150.0, 600.0, 1000.0, 1300.0, 1380.0)]
        + [(105000.0, 100000), (99000.0, 100000)],
    ),
    "erfc": (
        lambda x: mp.erfc(mp.mpf(x)),
        [(x,) for x in (-6.0, -2.0, -0.5, -1e-9, 0.0, 1e-9, 0.1, 0.47, 0.5, 1.0, 1.22, 1.23, 2.0, 5.0, 10.0, 20.0, 26.0)],
    ),
    "normalSf": (
        normal_sf,
        [(z,) for z in (-8.0, -3.0, -1.0, -0.1, 0.0, 0.1, 1.0, 1.6448536269514722, 3.0, 6.0, 12.0, 25.0, 37.0)],
    ),
    "betaI": (
        beta_i,
        [(a, b, x) for a, b in ((0.5, 0.5), (1.0, 3.0), (2.5, 7.5), (20.0, 1.5), (200.0, 300.0))
         for x in (1e-12, 0.01, 0.1, 0.375, 0.41, 0.5, 0.9, 0.99)],
    ),
    "studentTSf": (
        t_sf,
        [(t, df) for df in (1.0, 2.0, 4.7, 30.0, 1000.0, 1e6) for t in (-3.0, -0.1, 0.0, 1e-6, 0.5, 2.0, 6.0, 15.0, 36.0, 1e5, 1e60)],
    ),
}

if __name__ == "__main__":
    result = {name: rows(function, arguments) for name, (function, arguments) in CASES.items()}
    result["tool"] = f"mpmath {mp.__version__}, 60 digits"
    print(json.dumps(result))
