"""Writes figures.json: what a period's figures must be, by scikit-learn and scipy.

python3 -m venv .venv && .venv/bin/pip install -r test/stats/golden/requirements.txt
.venv/bin/python test/monitors/golden/figures.py
"""

import json
from pathlib import Path

import numpy as np
from scipy import stats
from sklearn import metrics

rng = np.random.default_rng(7)
n = 400
feature = rng.integers(0, 12, n).astype(float)
score = np.round(1 / (1 + np.exp(-(feature - 7 + rng.normal(0, 3, n)) / 3)), 2)
label = (rng.random(n) < score).astype(int)
decided = (score >= 0.5).astype(int)
clipped = np.clip(score, 1e-15, 1 - 1e-15)
losses = -np.where(label == 1, np.log(clipped), np.log(1 - clipped))

past = [0.84, 0.85, 0.83, 0.86, 0.845, 0.852]
now = 0.71
spread = np.std(past, ddof=1) * np.sqrt(1 + 1 / len(past))

golden = {
    "feature": feature.tolist(),
    "score": score.tolist(),
    "label": label.tolist(),
    "accuracy": metrics.accuracy_score(label, decided),
    "f1": metrics.f1_score(label, decided),
    "log_loss": metrics.log_loss(label, clipped),
    "log_loss_error": float(np.std(losses) / np.sqrt(n)),
    "auc": metrics.roc_auc_score(label, score),
    "spearman": stats.spearmanr(feature, label).statistic,
    "mutual_information": metrics.mutual_info_score(feature, label),
    "prediction": {
        "past": past,
        "now": now,
        "p_below": stats.t.sf((np.mean(past) - now) / spread, len(past) - 1),
        "p_either": 2 * stats.t.sf((np.mean(past) - now) / spread, len(past) - 1),
        "critical_below": np.mean(past) - spread * stats.t.isf(0.001, len(past) - 1),
    },
}
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(golden) + "\n")
