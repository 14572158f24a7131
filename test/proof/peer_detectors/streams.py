"""Writes the streams that every detector reads, seeded, as CSV.

    venv/bin/python streams.py OUT

`NAME-RUN.reference.csv` and `NAME-RUN.stream.csv` for each stream of SCENARIOS. A quiet stream
has 50 columns and 20,900 rows (200 windows of 1,000, every 100). The others have one column that
stands for one of 50: 2,000 rows without drift, then 4,000 with it.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

REFERENCE = 10_000
QUIET_ROWS = 20_900
ONSET = 2_000
DRIFT_ROWS = 4_000
QUIET_RUNS = 1
DRIFT_RUNS = 10


def shifted(sigmas):
    return lambda rng, t: rng.normal(sigmas, 1, t.size)


def gradual(rng, t):
    return rng.normal(np.minimum(1, t / 2000), 1)


def recurring(rng, t):
    return rng.normal(np.where((t // 500) % 2 == 0, 1, 0), 1)


def wider(rng, t):
    return rng.normal(0, 1.5, t.size)


def categories(rng, shares):
    return lambda t: rng.choice(list("abcdef"), t, p=shares)


# From the onset on; t counts the rows since.
SCENARIOS = {
    "shift-1": shifted(1),
    "shift-0.5": shifted(0.5),
    "shift-0.25": shifted(0.25),
    "gradual": gradual,
    "recurring": recurring,
    "wider": wider,
}
BEFORE = [0.4, 0.25, 0.15, 0.12, 0.08, 0]
AFTER = [0.38, 0.2375, 0.1425, 0.114, 0.076, 0.05]


def write(out, name, run, reference, stream):
    reference.to_csv(out / f"{name}-{run}.reference.csv", index=False, float_format="%.6g")
    stream.to_csv(out / f"{name}-{run}.stream.csv", index=False, float_format="%.6g")


def main():
    out = Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    columns = [f"c{i}" for i in range(50)]
    for run in range(QUIET_RUNS):
        rng = np.random.default_rng([1, run])
        both = rng.normal(size=(REFERENCE + QUIET_ROWS, 50))
        frame = pd.DataFrame(both, columns=columns)
        write(out, "quiet", run, frame[:REFERENCE], frame[REFERENCE:])
    t = np.arange(DRIFT_ROWS)
    for number, (name, draw) in enumerate(SCENARIOS.items()):
        for run in range(DRIFT_RUNS):
            rng = np.random.default_rng([2 + number, run])
            before = rng.normal(size=REFERENCE + ONSET)
            both = np.concatenate([before, draw(rng, t)])
            frame = pd.DataFrame({"c0": both})
            write(out, name, run, frame[:REFERENCE], frame[REFERENCE:])
    for run in range(DRIFT_RUNS):
        rng = np.random.default_rng([100, run])
        before = categories(rng, BEFORE)(REFERENCE + ONSET)
        both = np.concatenate([before, categories(rng, AFTER)(DRIFT_ROWS)])
        frame = pd.DataFrame({"c0": both})
        write(out, "category", run, frame[:REFERENCE], frame[REFERENCE:])


main()
