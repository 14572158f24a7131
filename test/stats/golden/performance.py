"""Golden values of decisions, estimated performance and recommendation quality, by scikit-learn and numpy.

    venv/bin/python performance.py > performance.json

What CBPE expects is what scikit-learn measures when every row stands there twice: as a positive with
weight p and as a negative with weight 1 - p (NannyML's formulae written as weights).
"""

import json

import numpy as np
import sklearn
from sklearn import metrics


def decisions():
    rng = np.random.default_rng(41)
    rows = []
    for size, threshold in ((60, 0.5), (400, 0.3), (25, 0.9)):
        score = rng.random(size).round(2)
        label = (rng.random(size) < score).astype(int)
        called = (score >= threshold).astype(int)
        tn, fp, fn, tp = metrics.confusion_matrix(label, called).ravel()
        rows.append({
            "labels": label.tolist(), "scores": score.tolist(), "threshold": threshold,
            "counts": [int(tp), int(fp), int(fn), int(tn)],
            "accuracy": float(metrics.accuracy_score(label, called)),
            "precision": float(metrics.precision_score(label, called)),
            "recall": float(metrics.recall_score(label, called)), "f1": float(metrics.f1_score(label, called)),
            "falsePositiveRate": float(fp / (fp + tn)),
        })
    return rows


def estimates():
    rng = np.random.default_rng(42)
    rows = []
    for size, threshold, digits in ((50, 0.5, 8), (500, 0.35, 2), (1000, 0.5, 1)):
        p = rng.beta(0.8, 1.4, size).round(digits)
        score = np.sqrt(p).round(digits)
        y = np.repeat([1, 0], size)
        weight = np.concatenate([p, 1 - p])
        both = np.tile(score, 2)
        called = (both >= threshold).astype(int)
        rows.append({
            "probabilities": p.tolist(), "scores": score.tolist(), "threshold": threshold,
            "accuracy": float(metrics.accuracy_score(y, called, sample_weight=weight)),
            "precision": float(metrics.precision_score(y, called, sample_weight=weight)),
            "recall": float(metrics.recall_score(y, called, sample_weight=weight)),
            "f1": float(metrics.f1_score(y, called, sample_weight=weight)),
            "auc": float(metrics.roc_auc_score(y, both, sample_weight=weight)),
        })
    return rows


def lists():
    rng = np.random.default_rng(43)
    vectors = rng.normal(size=(8, 5)).round(3)
    distance = metrics.pairwise.cosine_distances(vectors)
    counts = np.array([900, 40, 3, 1, 0])
    return {
        "vectors": vectors.tolist(), "diversity": float(distance[np.triu_indices(8, 1)].mean()),
        "counts": counts.tolist(), "total": 1000, "novelty": float(-np.log2(np.maximum(counts, 1) / 1000).mean()),
    }


if __name__ == "__main__":
    print(json.dumps({"tool": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
                      "decisions": decisions(), "estimates": estimates(), "lists": lists()}))
