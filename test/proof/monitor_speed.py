"""The same work in Python: data for the proof, and PSI and KS of windows by scipy and Evidently.

    venv/bin/python monitor_speed.py data FOLDER ROWS
    venv/bin/python monitor_speed.py scipy|evidently FOLDER WINDOWS WINDOW SLIDE
"""

import json
import sys
import time

import numpy as np
import pandas as pd

FEATURES = 50
REFERENCE = 10_000


def frame(values):
    return pd.DataFrame(values, columns=[f"f{i}" for i in range(values.shape[1])])


def data(folder, rows):
    rng = np.random.default_rng(1)
    reference = rng.normal(size=(REFERENCE, FEATURES))
    current = rng.normal(size=(rows, FEATURES)).round(6)
    np.save(f"{folder}/reference.npy", reference)
    np.save(f"{folder}/current.npy", current)
    for columns in (5, 10, 50):
        frame(reference[:, :columns]).to_csv(f"{folder}/reference-{columns}.csv", index=False)
        part = frame(current[:, :columns])
        part.to_csv(f"{folder}/current-{columns}.csv", index=False)
        part.to_parquet(f"{folder}/current-{columns}.parquet", row_group_size=100_000)
        part.to_json(f"{folder}/current-{columns}.ndjson", orient="records", lines=True,
                     double_precision=6)


def psi(edges, reference, current):
    counts = np.bincount(np.searchsorted(edges, current), minlength=len(edges) + 1)
    share = np.maximum(counts / len(current), 1e-4)
    return ((share - reference) * np.log(share / reference)).sum()


def scipy_windows(reference, current, windows, window, slide):
    from scipy.stats import ks_2samp

    edges = [np.quantile(x, np.arange(1, 10) / 10) for x in reference.T]
    shares = [np.bincount(np.searchsorted(e, x), minlength=10) / len(x)
              for e, x in zip(edges, reference.T)]
    start = time.perf_counter()
    for i in range(windows):
        rows = current[i * slide:i * slide + window]
        for j in range(FEATURES):
            psi(edges[j], shares[j], rows[:, j])
            ks_2samp(reference[:, j], rows[:, j], method="asymp")
    return time.perf_counter() - start


def evidently_windows(reference, current, windows, window, slide):
    from evidently import Report
    from evidently.metrics import ValueDrift

    before, now = frame(reference), frame(current[:windows * slide + window])
    metrics = [ValueDrift(column=f"f{j}", method=method)
               for j in range(FEATURES) for method in ("psi", "ks")]
    start = time.perf_counter()
    for i in range(windows):
        part = now.iloc[i * slide:i * slide + window]
        Report(metrics).run(part, before).dict()
    return time.perf_counter() - start


def main():
    what, folder = sys.argv[1:3]
    if what == "data":
        data(folder, int(sys.argv[3]))
        return
    windows, window, slide = map(int, sys.argv[3:6])
    reference = np.load(f"{folder}/reference.npy")
    current = np.load(f"{folder}/current.npy", mmap_mode="r")
    run = {"scipy": scipy_windows, "evidently": evidently_windows}[what]
    seconds = run(reference, np.array(current[:windows * slide + window]), windows, window, slide)
    print(json.dumps({"seconds": seconds, "windows": windows}))


if __name__ == "__main__":
    main()
