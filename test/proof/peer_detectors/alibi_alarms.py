"""Alarms of alibi-detect's KSDrift (numbers) and ChiSquareDrift (text) at p < 0.05 with its
Bonferroni correction over 50 features, for windows of 1,000 rows every 100.

    venv/bin/python alibi_alarms.py STREAMS > alibi-detect.json

A stream of one column stands for one of 50, so its level is 0.05 / 50.
"""

import warnings

import numpy as np
from alibi_detect.cd import ChiSquareDrift, KSDrift
from common import FEATURES, answer, is_text, streams, windows

warnings.filterwarnings("ignore")
alarms = {"KSDrift / ChiSquareDrift": {}}
for name, reference, stream in streams():
    found = alarms["KSDrift / ChiSquareDrift"].setdefault(name, {c: [] for c in stream.columns})
    text = is_text(stream["c0"])
    codes = {value: code for code, value in enumerate("abcdef")}
    encode = (lambda f: f.replace(codes).to_numpy()) if text else (lambda f: f.to_numpy())
    level = 0.05 / FEATURES
    if text:
        # It infers the categories from the reference, and leaves rows of new ones out.
        detector = ChiSquareDrift(encode(reference), p_val=level)
    else:
        detector = KSDrift(encode(reference), p_val=level, correction="fdr")
    for end, window in windows(stream):
        p = detector.predict(encode(window), drift_type="feature")["data"]["p_val"]
        for column in np.flatnonzero(p < level):
            found[stream.columns[column]].append(end)
answer(alarms)
