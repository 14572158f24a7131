"""Alarms of Evidently's default tests of DataDriftPreset (Wasserstein, normed, from 0.1 on;
Jensen-Shannon from 0.1 on for text), and of its PSI (from 0.1 on) and KS (p < 0.05), which users
choose, for windows of 1,000 rows every 100.

    venv/bin/python evidently_alarms.py STREAMS > evidently.json

A whole report takes 0.15 s a column, so its tests are called without it; the first window of each
stream is put through the report too, and the figures must be the same.
"""

import warnings

from common import answer, is_text, streams, windows
from evidently import Report
from evidently.legacy.calculations import stattests
from evidently.legacy.core import ColumnType
from evidently.metrics import ValueDrift

warnings.filterwarnings("ignore")

NUMBERS = {
    "default": ("wasserstein", stattests.wasserstein_stat_test, 0.1),
    "PSI": ("psi", stattests.psi_stat_test, 0.1),
    "KS": ("ks", stattests.ks_stat_test, 0.05),
}
TEXT = {
    "default": ("jensenshannon", stattests.jensenshannon_stat_test, 0.1),
    "PSI": ("psi", stattests.psi_stat_test, 0.1),
}

alarms = {rule: {} for rule in NUMBERS}
for name, reference, stream in streams():
    text = is_text(stream["c0"])
    kind = ColumnType.Categorical if text else ColumnType.Numerical
    for rule, (method, test, threshold) in (TEXT if text else NUMBERS).items():
        found = alarms[rule].setdefault(name, {c: [] for c in stream.columns})
        first = reference[["c0"]], stream[["c0"]][:1000]
        chosen = None if rule == "default" else method
        report = Report([ValueDrift(column="c0", method=chosen)]).run(first[1], first[0])
        said = float(report.dict()["metrics"][0]["value"])
        here = test(first[0]["c0"], first[1]["c0"], kind, threshold).drift_score
        assert abs(said - here) < 1e-9, (name, rule, said, here)
        for end, window in windows(stream):
            for column in stream.columns:
                if test(reference[column], window[column], kind, threshold).drifted:
                    found[column].append(end)
answer(alarms)
