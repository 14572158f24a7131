"""Golden values for tests of tied and of rare values, by numpy and scipy.

    venv/bin/python ties.py > ties.json

`bridge`: P(max |B(t)| >= s) of a Brownian bridge B over the ends of jumps alone, by carrying its
density inside (-s, s) from jump to jump on a fine grid; and one-sided, over a stretch, in closed
form. `rare`: exact tails of how many rows of a rare value fall into the window.
"""

import json
import sys

import numpy as np
from scipy import stats

NODES = 1000


def at_jumps(shares, s):
    ends = np.cumsum(shares)[:-1] / np.sum(shares)
    step = 2 * s / NODES
    x = -s + (np.arange(NODES) + 0.5) * step
    outside = 0.0
    density = None
    before = 0.0
    for t in ends:
        left = (1 - t) / (1 - before)
        deviation = np.sqrt((t - before) * left)
        means = np.zeros(1) if density is None else x * left
        mass = np.ones(1) if density is None else density * step
        out = stats.norm.sf((s - means) / deviation) + stats.norm.cdf((-s - means) / deviation)
        outside += float(np.sum(mass * out))
        density = stats.norm.pdf(x[:, None], means[None, :], deviation) @ mass
        before = t
    return outside


def after_jump(jump, s):
    """P(B >= s somewhere in [jump, 1]), one side."""
    t = 1 - jump
    deviation = np.sqrt(t * (1 - t))
    return float(
        stats.norm.sf(s / deviation)
        + np.exp(-2 * s * s) * stats.norm.cdf(s * (2 * t - 1) / deviation)
    )


poisson = stats.poisson.pmf(np.arange(12), 3)
laws = {
    "poisson of mean 3": poisson / poisson.sum(),
    "three values": [0.2, 0.3, 0.5],
    "two values": [0.7, 0.3],
    "thirty values": [1 / 30] * 30,
}
bridge = [
    {"law": law, "shares": [float(p) for p in shares], "s": s, "twoSided": at_jumps(shares, s)}
    for law, shares in laws.items()
    for s in (1.2, 1.8, 2.4, 3.0)
]
stretch = [
    {"jump": jump, "s": s, "oneSided": after_jump(jump, s)}
    for jump in (0.2, 0.6, 0.85)
    for s in (1.2, 1.8, 2.4, 3.0)
]
n, m = 10_000, 1_000
rare = []
for share in (0.001, 0.01, 0.05, 0.3, 0.99):
    law = stats.binom(m, share)
    for tail in (1e-3, 1e-5, 1e-7):
        for current in (int(law.isf(tail)), int(law.ppf(tail))):
            reference = round(n * share)
            exact = stats.hypergeom(n + m, reference + current, m)
            p = min(exact.sf(current - 1), exact.cdf(current))
            rare.append({"reference": reference, "current": current, "oneSided": float(p)})
json.dump({"bridge": bridge, "stretch": stretch, "n": n, "m": m, "rare": rare}, sys.stdout, indent=1)
