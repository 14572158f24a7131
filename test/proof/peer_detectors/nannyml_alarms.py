"""Alarms of NannyML's UnivariateDriftCalculator with its default methods and thresholds
(Jensen-Shannon, numbers and text, above 0.1), for windows of 1,000 rows every 100.

    venv/bin/python nannyml_alarms.py STREAMS > nannyml.json

Its chunks do not overlap: it is run from ten starting rows, 100 apart.
"""

import nannyml as nml
from common import SLIDE, WINDOW, answer, streams

nml.disable_usage_logging()
alarms = {"UnivariateDriftCalculator": {}}
for name, reference, stream in streams():
    columns = list(stream.columns)
    found = alarms["UnivariateDriftCalculator"].setdefault(name, {c: [] for c in columns})
    calculator = nml.UnivariateDriftCalculator(column_names=columns, chunk_size=WINDOW)
    calculator.fit(reference)
    for start in range(0, WINDOW, SLIDE):
        whole = (len(stream) - start) // WINDOW * WINDOW
        if whole == 0:
            continue
        result = calculator.calculate(stream[start : start + whole].reset_index(drop=True))
        table = result.filter(period="analysis").to_df()
        for column in columns:
            alerts = table[(column, "jensen_shannon", "alert")].to_numpy()
            for chunk, alert in enumerate(alerts):
                if alert:
                    found[column].append(start + (chunk + 1) * WINDOW)
    for rows in found.values():
        rows.sort()
answer(alarms)
