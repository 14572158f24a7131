"""What the scripts of the peers share: the streams, the windows, and the answer as JSON.

An answer holds, for each rule, stream and column, the rows (counted from 1) at which it alarmed.
"""

import json
import sys
from pathlib import Path

import pandas as pd

WINDOW = 1_000
SLIDE = 100
FEATURES = 50
ONSET = 2_000


def streams():
    """Name, reference and stream of each file pair, in a fixed order."""
    folder = Path(sys.argv[1])
    for path in sorted(folder.glob("*.stream.csv")):
        name = path.name.removesuffix(".stream.csv")
        yield name, pd.read_csv(folder / f"{name}.reference.csv"), pd.read_csv(path)


def windows(stream):
    """Rows seen and the last 1,000 of them, every 100."""
    for end in range(WINDOW, len(stream) + 1, SLIDE):
        yield end, stream[end - WINDOW : end]


def is_text(column):
    return column.dtype.kind not in "fiu"


def answer(alarms):
    json.dump(alarms, sys.stdout)
