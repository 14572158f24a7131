"""Golden values of isotonic regression over bins, by scikit-learn.

    venv/bin/python isotonic.py > isotonic.json
"""

import json

import numpy as np
import sklearn
from sklearn.isotonic import IsotonicRegression


def cases():
    rng = np.random.default_rng(51)
    found = []
    for bins, mean in ((1, 9), (2, 3), (12, 4), (60, 2), (259, 20)):
        for slope in (-0.5, 0, 0.9):
            all_ = rng.poisson(mean, bins)
            all_[rng.integers(bins)] += 1
            share = 0.5 + slope * (np.arange(bins) / bins - 0.5)
            positive = rng.binomial(all_, share)
            known = all_ > 0
            model = IsotonicRegression(out_of_bounds="clip")
            model.fit(np.arange(bins)[known], positive[known] / all_[known], sample_weight=all_[known])
            found.append({
                "positive": positive.tolist(), "all": all_.tolist(),
                "shares": model.predict(np.arange(bins)).tolist(),
            })
    return found


if __name__ == "__main__":
    print(json.dumps({"tool": f"scikit-learn {sklearn.__version__}", "cases": cases()}))
