"""Golden values of model metrics and of tests between models: scikit-learn, statsmodels, scipy.

    venv/bin/python comparisons.py > comparisons.json
"""

import json

import numpy as np
import scipy
import sklearn
import statsmodels
from scipy import stats
from sklearn import metrics
from statsmodels.stats import contingency_tables, multitest, proportion


def adjusted():
    rng = np.random.default_rng(3)
    lists = [[0.01, 0.04, 0.03, 0.005], [0.5], [0.2, 0.2, 0.01, 1.0], rng.random(40).round(4).tolist(),
             (rng.random(25) ** 4).tolist()]
    return [{"p": p, "holm": multitest.multipletests(p, method="holm")[1].tolist(),
             "bh": multitest.multipletests(p, method="fdr_bh")[1].tolist()} for p in lists]


def calibration(labels, p, bins):
    """Equal widths by scipy's binned_statistic, whose last bin holds its right end."""
    count, edges, _ = stats.binned_statistic(p, p, "count", bins=bins, range=(0, 1))
    sum_p = stats.binned_statistic(p, p, "sum", bins=bins, range=(0, 1)).statistic
    sum_y = stats.binned_statistic(p, labels, "sum", bins=bins, range=(0, 1)).statistic
    return float(np.abs(sum_p - sum_y).sum() / len(p))


def predictions():
    rng = np.random.default_rng(4)
    rows = []
    for size, digits in ((30, 1), (200, 6), (500, 2)):
        p = rng.random(size).round(digits)
        y = (rng.random(size) < 0.3 + 0.4 * p).astype(int)
        rows.append({
            "labels": y.tolist(), "probabilities": p.tolist(),
            "auc": float(metrics.roc_auc_score(y, p)),
            "logLoss": float(metrics.log_loss(y, np.clip(p, 1e-15, 1 - 1e-15))),
            "brier": float(metrics.brier_score_loss(y, p)),
            "ece": calibration(y, p + 1e-12 * (p < 1), 10),
        })
    return rows


def rankings():
    rng = np.random.default_rng(5)
    rows = []
    for size in (3, 10, 25):
        relevance = rng.integers(0, 4, size)
        relevance[0] = 2
        gain = 2.0**relevance - 1
        shown = -np.arange(size)
        rows.append({
            "relevances": relevance.tolist(),
            "ndcg": {str(k): float(metrics.ndcg_score([gain], [shown], k=k)) for k in (1, 5, 10)},
            "averagePrecision": float(metrics.average_precision_score(relevance > 0, shown)),
        })
    return rows


def mcnemar():
    rows = []
    for b, c in ((0, 0), (3, 9), (12, 12), (1, 23), (10, 15), (13, 12), (60, 30), (400, 455)):
        exact = b + c < 25
        r = contingency_tables.mcnemar([[50, b], [c, 50]], exact=exact, correction=True)
        rows.append([b, c, float(r.statistic), float(r.pvalue)])
    return rows


def proportions():
    rows = []
    for s1, n1, s2, n2 in ((120, 1000, 150, 1000), (5, 40, 9, 35), (9000, 90000, 1100, 10000)):
        z, p = proportion.proportions_ztest([s2, s1], [n2, n1])
        low, high = proportion.confint_proportions_2indep(s2, n2, s1, n1, method="wald", compare="diff")
        h = proportion.proportion_effectsize(s2 / n2, s1 / n1)
        rows.append([s1, n1, s2, n2, float(z), float(p), float(low), float(high), float(h)])
    return rows


def welch():
    rows = []
    for m1, s1, n1, m2, s2, n2 in ((10.0, 2.0, 40, 11.0, 3.0, 25), (0.0, 1.0, 2, 5.0, 1.5, 3), (3.0, 9.0, 9000, 3.4, 8.0, 1000)):
        p1, p2 = (m1, s1, n1), (m2, s2, n2)
        t, p = stats.ttest_ind_from_stats(*p2, *p1, equal_var=False)
        v1, v2 = s1**2 / n1, s2**2 / n2
        df = (v1 + v2) ** 2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
        half = stats.t.isf(0.025, df) * np.sqrt(v1 + v2)
        rows.append([m1, s1**2, n1, m2, s2**2, n2, float(t), float(df), float(p), float(m2 - m1 - half), float(m2 - m1 + half)])
    return rows


def ratios():
    rows = []
    for counts, weights in (([9100, 900], [90, 10]), ([5000, 5300], [1, 1]), ([300, 310, 295], [1, 1, 1])):
        expected = np.array(weights) / sum(weights) * sum(counts)
        r = stats.chisquare(counts, expected)
        rows.append({"counts": counts, "weights": weights, "statistic": float(r.statistic), "p": float(r.pvalue)})
    return rows


if __name__ == "__main__":
    print(json.dumps({
        "tool": f"scikit-learn {sklearn.__version__}, statsmodels {statsmodels.__version__}, scipy {scipy.__version__}",
        "adjusted": adjusted(), "predictions": predictions(), "rankings": rankings(), "mcnemar": mcnemar(),
        "proportions": proportions(), "welch": welch(), "ratios": ratios(),
    }))
