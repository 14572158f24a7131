"""Fisher's exact test of each category against all others, by scipy.

    venv/bin/python category_apart.py > category-apart.json
"""

import json

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20261121)


def case(r, c):
    n, m = int(r.sum()), int(c.sum())
    used = int(((r + c) > 0).sum())
    p = min(
        stats.fisher_exact([[a, n - a], [b, m - b]]).pvalue for a, b in zip(r.tolist(), c.tolist()) if a + b > 0
    )
    return {"reference": r.tolist(), "current": c.tolist(), "p": min(1.0, used * float(p))}


cases = []
for bins, new in [(12, 0), (12, 30), (60, 15), (60, 40), (200, 25), (200, 60)]:
    law = rng.dirichlet(np.full(bins, 3.0))
    r, c = rng.multinomial(5000, law), rng.multinomial(1000 - new, law)
    c[bins // 2] += new
    cases.append(case(r, c))
    r2, c2 = np.append(r, 0), np.append(c, 12)
    cases.append(case(r2, c2))
print(json.dumps({"scipy": scipy.__version__, "cases": cases}))
