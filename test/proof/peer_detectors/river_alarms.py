"""Alarms of river's ADWIN, Page-Hinkley and KSWIN with their default settings, value by value.

    venv/bin/python river_alarms.py STREAMS > river.json

They know no reference: its last 1,000 values are let through first, and what they say there is not
counted. Text has no order, so categorical columns are left out. A stream with a change is read to
the first alarm after it.
"""

import warnings

from common import ONSET, answer, is_text, streams
from river import drift

warnings.filterwarnings("ignore")  # KSWIN's exact p-values fall back to asymptotic ones

RULES = {
    "ADWIN": lambda: drift.ADWIN(),
    "Page-Hinkley": lambda: drift.PageHinkley(),
    "KSWIN": lambda: drift.KSWIN(seed=1),
}
alarms = {rule: {} for rule in RULES}
for name, reference, stream in streams():
    for rule, make in RULES.items():
        found = alarms[rule].setdefault(name, {})
        is_quiet = name.startswith("quiet")
        columns = [column for column in stream.columns if not is_text(stream[column])]
        for column in columns:
            detector = make()
            for value in reference[column].to_numpy()[-1_000:]:
                detector.update(float(value))
            rows = []
            for row, value in enumerate(stream[column].to_numpy(), 1):
                detector.update(float(value))
                if detector.drift_detected:
                    rows.append(row)
                    if not is_quiet and row > ONSET:
                        break
            found[column] = rows
answer(alarms)
