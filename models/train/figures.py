"""Reference figures of scores against labels."""

import numpy as np


def auc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Area under the ROC curve by ranks, ties counting one half."""
    _, which, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[which]
    positives = labels.sum()
    negatives = len(labels) - positives
    return (ranks[labels == 1].sum() - positives * (positives + 1) / 2) / (positives * negatives)


def log_loss(scores: np.ndarray, labels: np.ndarray) -> float:
    clipped = np.clip(scores, 1e-15, 1 - 1e-15)
    return -np.mean(labels * np.log(clipped) + (1 - labels) * np.log(1 - clipped))


def calibration_error(scores: np.ndarray, labels: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error over bins of equal width."""
    which = np.minimum((scores * bins).astype(int), bins - 1)
    error = 0.0
    for b in range(bins):
        inside = which == b
        if inside.any():
            error += inside.mean() * abs(scores[inside].mean() - labels[inside].mean())
    return error


def reference_figures(scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    figures = {
        "base_rate": labels.mean(),
        "mean_score": scores.mean(),
        "auc": auc(scores, labels),
        "log_loss": log_loss(scores, labels),
        "brier": np.mean((scores - labels) ** 2),
        "ece_10": calibration_error(scores, labels),
    }
    return {name: round(float(value), 6) for name, value in figures.items()}
