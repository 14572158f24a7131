"""Golden values of distances of count arrays, many shapes: numpy and scipy.

    venv/bin/python wide_counts.py > wide-counts.json
"""

import json

import numpy as np
import scipy
from scipy import stats
from scipy.spatial.distance import jensenshannon

FLOOR = 1e-4


def case(r, c):
    rs, cs = r / r.sum(), c / c.sum()
    fr, fc = np.maximum(rs, FLOOR), np.maximum(cs, FLOOR)
    row = {
        "reference": r.tolist(), "current": c.tolist(),
        "psi": float(np.sum((fc - fr) * np.log(fc / fr))),
        "jensenShannon": float(jensenshannon(rs, cs, base=2) ** 2),
        "hellinger": float(np.linalg.norm(np.sqrt(rs) - np.sqrt(cs)) / np.sqrt(2)),
        "totalVariation": float(np.abs(rs - cs).sum() / 2),
        "kl": float(stats.entropy(fc, fr)),
    }
    if len(r) > 4:
        # Edges 0, 1, ...; each bin's mass lies at its middle, null and not finite one range above.
        edges = np.arange(len(r) - 3, dtype=float)
        top = edges[-1]
        places = np.concatenate([[0], (edges[:-1] + edges[1:]) / 2, [top, 2 * top, 2 * top]])
        row["wasserstein"] = float(stats.wasserstein_distance(places, places, r, c))
    return row


if __name__ == "__main__":
    rng = np.random.default_rng(51)
    rows = []
    for i in range(120):
        size = int(rng.choice([2, 3, 10, 20, 64]))
        p = rng.dirichlet(np.full(size, rng.choice([0.05, 0.5, 5.0])))
        q = rng.dirichlet(np.full(size, rng.choice([0.05, 0.5, 5.0])))
        mix = rng.choice([0.0, 0.01, 0.3, 1.0])
        n, m = int(10 ** rng.uniform(0, 8)), int(10 ** rng.uniform(0, 8))
        rows.append(case(rng.multinomial(n, p), rng.multinomial(m, (1 - mix) * p + mix * q)))
    print(json.dumps({"tool": f"scipy {scipy.__version__}, numpy {np.__version__}", "cases": rows}))
