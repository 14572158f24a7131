"""Where river's detectors find changes in streams that a rule makes, so that both sides see the same.

    venv/bin/python detectors.py > detectors.json

Value i of a stream is `level(i) + scale * unit(i)`; an error stream has an error where unit(i) < level(i).
"""

import json

import river
from river import drift
from river._river_rust.drift import AdaptiveWindowing
from river.drift import binary


def unit(i, seed):
    """A hash of two numbers (xorshift-multiply), the same in any language with 32-bit integers."""
    h = (i * 0x9E3779B1 + seed * 0x85EBCA77) & 0xFFFFFFFF
    h ^= h >> 15
    h = (h * 0x2C1B3C6D) & 0xFFFFFFFF
    h ^= h >> 12
    h = (h * 0x297A2D39) & 0xFFFFFFFF
    h ^= h >> 15
    return h / 4294967296


def level(i, levels, each):
    return levels[min(i // each, len(levels) - 1)]


def run(detector, stream):
    found, warnings = [], []
    for i, x in enumerate(stream):
        detector.update(x)
        if detector.drift_detected:
            found.append(i)
        if getattr(detector, "warning_detected", False):
            warnings.append(i)
    return found, warnings


def runs(indices):
    """Stretches of consecutive indices as [first, last]."""
    out = []
    for i in indices:
        if out and out[-1][1] == i - 1:
            out[-1][1] = i
        else:
            out.append([i, i])
    return out


STREAMS = [
    {"seed": 1, "levels": [0.2, 0.8, 0.3], "each": 4000, "scale": 1.0},
    {"seed": 2, "levels": [0.0, 0.1, 0.2, 0.3, 0.0], "each": 2500, "scale": 0.5},
    {"seed": 3, "levels": [5.0], "each": 20000, "scale": 3.0},
    {"seed": 4, "levels": [1e3, 1.01e3, 0.98e3], "each": 1500, "scale": 40.0},
    {"seed": 5, "levels": [-2.0, 2.0, -2.0, 2.0], "each": 700, "scale": 9.0},
]
ERRORS = [
    {"seed": 11, "levels": [0.1, 0.3], "each": 5000},
    {"seed": 12, "levels": [0.05, 0.08, 0.12, 0.2], "each": 2000},
    {"seed": 13, "levels": [0.25], "each": 12000},
    {"seed": 14, "levels": [0.5, 0.1, 0.5], "each": 1500},
]
ADWIN = [
    {"delta": 0.002, "clock": 32, "max_buckets": 5, "min_window_length": 5, "grace_period": 10},
    {"delta": 0.05, "clock": 1, "max_buckets": 5, "min_window_length": 5, "grace_period": 10},
    {"delta": 0.2, "clock": 8, "max_buckets": 3, "min_window_length": 2, "grace_period": 20},
]
PAGE_HINKLEY = [
    {"min_instances": 30, "delta": 0.005, "threshold": 50.0, "alpha": 0.9999, "mode": "both"},
    {"min_instances": 100, "delta": 0.05, "threshold": 20.0, "alpha": 0.999, "mode": "up"},
    {"min_instances": 10, "delta": 0.01, "threshold": 5.0, "alpha": 1.0, "mode": "down"},
]
DDM = [
    {"warm_start": 30, "warning_threshold": 2.0, "drift_threshold": 3.0},
    {"warm_start": 100, "warning_threshold": 1.5, "drift_threshold": 2.5},
]
LENGTH = 12000

if __name__ == "__main__":
    cases = []
    for stream in STREAMS:
        values = [level(i, stream["levels"], stream["each"]) + stream["scale"] * unit(i, stream["seed"])
                  for i in range(LENGTH)]
        for options in ADWIN:
            # drift.ADWIN forgets all after a change; the window itself keeps what is newer, as in the paper.
            window = AdaptiveWindowing(**options)
            found = [i for i, x in enumerate(values) if window.update(x)]
            forgetting, _ = run(drift.ADWIN(**options), values)
            cases.append({"detector": "adwin", "stream": stream, "options": options, "found": found,
                          "forgetting": forgetting, "width": window.get_width(), "total": window.get_total(),
                          "variance": window.get_variance()})
        for options in PAGE_HINKLEY:
            found, _ = run(drift.PageHinkley(**options), values)
            cases.append({"detector": "page-hinkley", "stream": stream, "options": options, "found": found})
    for stream in ERRORS:
        values = [unit(i, stream["seed"]) < level(i, stream["levels"], stream["each"]) for i in range(LENGTH)]
        for options in DDM:
            found, warnings = run(binary.DDM(**options), values)
            cases.append({"detector": "ddm", "stream": stream, "options": options, "found": found,
                          "warnings": runs(warnings)})
    print(json.dumps({"tool": f"river {river.__version__}", "length": LENGTH, "cases": cases}))
