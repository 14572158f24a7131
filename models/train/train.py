"""Trains the ranking model of `places`; writes models/places-ranker.onnx and .json (README.md)."""

import argparse
import hashlib
import json
from dataclasses import fields
from pathlib import Path

import numpy as np

from figures import reference_figures
from graph import build_graph, run_graph
from labelled_rows import LabelledRows, labelled_rows, query_rows
from network import Preparation, Weights, fit_preparation, forward, prepare, train

TRAINING_DAYS = range(30, 45)
HELD_OUT_DAYS = range(45, 51)
WIDE = ("distance_km", "price_difference", "rating_difference")
TOLERANCE = 1e-6


def synthetic_rows(names: list[str], random: np.random.Generator) -> LabelledRows:
    """Rows without a world behind them, to try the pipeline."""
    count = 20_000
    inputs = random.lognormal(0, 1, (count, len(names)))
    inputs[random.random(inputs.shape) < 0.05] = np.nan
    appeal = -np.log1p(np.nan_to_num(inputs[:, 0])) + 0.5 * np.nan_to_num(inputs[:, 3])
    labels = (random.random(count) < 1 / (1 + np.exp(1 - appeal))).astype(float)
    days = random.integers(TRAINING_DAYS.start, HELD_OUT_DAYS.stop, count)
    return LabelledRows(inputs, labels, days)


def as_float32(value: Preparation | Weights) -> Preparation | Weights:
    """The same numbers as the graph holds."""
    arrays = {f.name: getattr(value, f.name) for f in fields(value)}
    is_float = {name: array.dtype.kind == "f" for name, array in arrays.items()}
    return type(value)(
        **{n: a.astype(np.float32) if is_float[n] else a for n, a in arrays.items()}
    )


def score_rows(inputs: np.ndarray, p: Preparation, w: Weights) -> np.ndarray:
    """The numpy forward pass in float32, as the graph computes."""
    p32, w32 = as_float32(p), as_float32(w)
    return forward(*prepare(inputs.astype(np.float32), p32), w32)[0]


def write_golden(path: Path, inputs: np.ndarray, scores: np.ndarray) -> None:
    """Rows with their numpy scores, for the test of the engine's session."""
    rows = [[None if np.isnan(v) else float(v) for v in row] for row in inputs]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"inputs": rows, "scores": [float(s) for s in scores]}) + "\n")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--definition", type=Path, required=True, help="from definition.mjs")
    parser.add_argument("--world", type=Path, help="directory of weir generate")
    parser.add_argument("--scores", type=Path, help="scores.ndjson of weir replay")
    parser.add_argument("--rows", type=Path, help="rows of a retraining event's query, NDJSON")
    parser.add_argument("--synthetic", action="store_true", help="made-up rows instead of a world")
    parser.add_argument("--version", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("models"))
    parser.add_argument("--golden", type=Path, help="where rows with their scores go")
    given = parser.parse_args()
    has_world = given.world is not None and given.scores is not None
    if [has_world, given.rows is not None, given.synthetic].count(True) != 1:
        parser.error("expected one of --world with --scores, --rows, and --synthetic")
    return given


def provenance(given: argparse.Namespace) -> tuple[str, int]:
    """What the rows were made from, and the seed of that."""
    if given.synthetic:
        return "made-up rows", given.seed
    if given.rows is not None:
        return f"rows of {given.rows.name}", given.seed
    world = json.loads((given.world / "manifest.json").read_text())
    seed = world["options"]["seed"]
    return f"weir generate --days {world['days']} --seed {seed}", seed


def spans(days: range, chosen: np.ndarray) -> dict[str, int]:
    return {"from_day": days.start, "to_day": days.stop - 1, "rows": int(chosen.sum())}


def read_rows(given: argparse.Namespace, names: list[str], random: np.random.Generator):
    """The rows with the days to train on and those held out: of a query's, the newest."""
    if given.rows is not None:
        rows = query_rows(given.rows, names)
        held_out = len(HELD_OUT_DAYS)
        end = int(rows.days.max()) + 1
        assert end > held_out, f"expected rows of more than {held_out} days; found {end}"
        return rows, range(end - held_out), range(end - held_out, end)
    wanted = range(TRAINING_DAYS.start, HELD_OUT_DAYS.stop)
    rows = (
        synthetic_rows(names, random)
        if given.synthetic
        else labelled_rows(given.scores, given.world, names, wanted)
    )
    return rows, TRAINING_DAYS, HELD_OUT_DAYS


def main() -> None:
    given = options()
    definition = json.loads(given.definition.read_text())
    names = definition["inputs"]
    assert tuple(names[: len(WIDE)]) == WIDE, f"expected the inputs to begin with {WIDE}"
    random = np.random.default_rng(given.seed)
    rows, training_days, held_out_days = read_rows(given, names, random)
    training = np.isin(rows.days, training_days)
    held_out = np.isin(rows.days, held_out_days)
    preparation = fit_preparation(rows.inputs[training], len(WIDE))
    wide, deep = prepare(rows.inputs[training], preparation)
    shares = None if rows.weights is None else rows.weights[training]
    weights = train(wide, deep, rows.labels[training], random, shares=shares)
    graph = build_graph(preparation, weights)

    scores = score_rows(rows.inputs[held_out], preparation, weights)
    apart = np.abs(run_graph(graph, rows.inputs[held_out][:6400]) - scores[:6400]).max()
    assert apart <= TOLERANCE, f"the graph and numpy differ by {apart}"

    content = graph.SerializeToString()
    file = given.out / f"{definition['name']}.onnx"
    file.write_bytes(content)
    data, seed = provenance(given)
    figures = reference_figures(scores.astype(float), rows.labels[held_out])
    positives = int(rows.labels[training].sum())
    manifest = {
        "format": "weir-model",
        "format_version": 1,
        "name": definition["name"],
        "version": given.version,
        "file": file.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "inputs": names,
        "inputs_hash": definition["inputs_hash"],
        "views": definition["views"],
        "training": {
            "data": data,
            "seed": seed,
            **spans(training_days, training),
            "positives": positives,
        },
        "figures": {**spans(held_out_days, held_out), **figures},
        "reference": "places-ranker.reference.json",
    }
    file.with_suffix(".json").write_text(json.dumps(manifest, indent=2) + "\n")
    if given.golden is not None:
        write_golden(given.golden, rows.inputs[held_out][:128], scores[:128])
    print(json.dumps({**manifest["training"], **manifest["figures"]}, indent=2))
    print(f"{file}: {len(content)} bytes; graph against numpy: {apart:.1e}")


if __name__ == "__main__":
    main()
