"""Writes estimate.json: what NannyML's CBPE estimates of generated scores, whose labels are known.

python3 -m venv .venv && .venv/bin/pip install -r test/proof/peer_detectors/requirements-nannyml.txt
.venv/bin/python test/monitors/golden/estimate.py

Scores have two digits and claim more than is so: a label is 1 with the chance score ** 1.7. NannyML
calibrates by isotonic regression where it finds that needed, as here.
"""

import json
from pathlib import Path

import nannyml as nml
import numpy as np
import pandas as pd

nml.disable_usage_logging()
rng = np.random.default_rng(11)


def rows(count, a, b):
    score = rng.beta(a, b, count).round(2)
    label = (rng.random(count) < score**1.7).astype(int)
    return pd.DataFrame({"score": score, "called": (score >= 0.5).astype(int), "label": label})


reference = rows(6000, 1.2, 1.4)
periods = [rows(1000, 1.2, 1.4), rows(1000, 2.4, 1.1), rows(1000, 3.0, 3.0), rows(700, 1.0, 4.0)]
estimator = nml.CBPE(
    y_pred_proba="score",
    y_pred="called",
    y_true="label",
    problem_type="classification_binary",
    metrics=["accuracy", "roc_auc", "f1"],
    chunk_size=1000,
)
estimator.fit(reference)
assert estimator.needs_calibration


def counts(of):
    return {
        "values": sorted(of["score"].unique().tolist()),
        "negative": [int(((of["score"] == v) & (of["label"] == 0)).sum()) for v in sorted(of["score"].unique())],
        "positive": [int(((of["score"] == v) & (of["label"] == 1)).sum()) for v in sorted(of["score"].unique())],
    }


def estimate(of):
    table = estimator.estimate(of.reset_index(drop=True)).filter(period="analysis").to_df()
    names = {"accuracy": "accuracy", "auc": "roc_auc", "f1": "f1"}
    return {name: float(table[(key, "value")].iloc[0]) for name, key in names.items()}


golden = {
    "tool": f"nannyml {nml.__version__}",
    "decision": 0.5,
    "reference": counts(reference),
    "periods": [{**counts(one), "estimate": estimate(one)} for one in periods],
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden) + "\n")
