"""Checks the trainer against slower or independent computations; prints nothing but what fails."""

import json
import tempfile
from pathlib import Path

import numpy as np

from figures import auc, calibration_error
from graph import build_graph, run_graph
from labelled_rows import labelled_rows, query_rows
from network import Weights, fit_preparation, forward, gradients, initial_weights, prepare, train
from train import score_rows


def check_gradients(random: np.random.Generator) -> None:
    """Against central differences of the log loss."""
    wide, deep = random.normal(size=(40, 5)), random.normal(size=(40, 7))
    labels = (random.random(40) < 0.3).astype(float)
    weights = initial_weights(5, 7, 0.3, random)
    weights.wide += random.normal(size=weights.wide.shape)

    def loss(w: Weights) -> float:
        scores = forward(wide, deep, w)[0]
        return -np.mean(labels * np.log(scores) + (1 - labels) * np.log(1 - scores))

    for value, slope in zip(weights.arrays(), gradients(wide, deep, labels, weights)):
        for at in list(np.ndindex(value.shape))[:20]:
            kept = value[at]
            value[at] = kept + 1e-6
            above = loss(weights)
            value[at] = kept - 1e-6
            below = loss(weights)
            value[at] = kept
            assert abs((above - below) / 2e-6 - slope[at]) < 1e-7


def check_figures(random: np.random.Generator) -> None:
    """AUC against all pairs; calibration against a sum by hand."""
    labels = random.random(300) < 0.3
    scores = np.round(random.random(300) + 0.2 * labels, 1)
    pairs = scores[labels][:, None] - scores[~labels][None, :]
    assert abs(auc(scores, labels) - ((pairs > 0) + 0.5 * (pairs == 0)).mean()) < 1e-12
    found = calibration_error(np.array([0.1, 0.2, 0.9, 1.0]), np.array([0, 1, 1, 1]))
    assert abs(found - (0.25 * 0.1 + 0.25 * 0.8 + 0.5 * 0.05)) < 1e-12


def check_graph(random: np.random.Generator) -> None:
    """The graph equals numpy, nulls and extremes included, and training repeats to the byte."""
    inputs = random.lognormal(size=(3000, 9))
    inputs[random.random(inputs.shape) < 0.1] = np.nan
    labels = (random.random(3000) < 0.4).astype(float)
    preparation = fit_preparation(inputs, 3)
    parts = prepare(inputs, preparation)
    made = [train(*parts, labels, np.random.default_rng(3)) for _ in range(2)]
    graphs = [build_graph(preparation, weights) for weights in made]
    assert graphs[0].SerializeToString() == graphs[1].SerializeToString()
    inputs[0], inputs[1], inputs[2] = np.nan, 1e30, -1e30
    apart = np.abs(run_graph(graphs[0], inputs) - score_rows(inputs, preparation, made[0]))
    assert apart.max() < 1e-6


def check_labels() -> None:
    """A visit, or a rating of 3 or more, counts after the event and up to 24 h."""
    events = [  # minutes after midnight of day 0, place, type, rating
        (0, 7, "view", None),  # visited at exactly 24 h
        (0, 8, "view", None),  # visited a minute too late
        (0, 9, "click", None),  # rated 2.5
        (1, 9, "view", None),  # rated 3 by the same user
        (5, 9, "rate", 2.5),
        (1442, 9, "view", None),
        (1441, 9, "rate", 3),
        (1440, 7, "visit", None),
        (1441, 8, "visit", None),
    ]
    with tempfile.TemporaryDirectory() as name:
        world = Path(name)
        at = [f"2025-01-{6 + m // 1440:02}T{m % 1440 // 60:02}:{m % 60:02}:00Z" for m, *_ in events]
        lines = [
            json.dumps(
                {"user_id": 1, "place_id": p, "event_type": t, "timestamp": time}
                | ({} if r is None else {"rating": r})
            )
            for time, (_, p, t, r) in zip(at, events)
        ]
        (world / "interactions.ndjson").write_text("\n".join(["{broken", *lines]) + "\n")
        (world / "manifest.json").write_text(
            json.dumps(
                {
                    "options": {"start": "2025-01-06T00:00:00.000Z"},
                    "files": [{"name": "interactions.ndjson"}],
                }
            )
        )
        scored = [i for i, (_, _, t, _) in enumerate(events) if t in ("view", "click")]
        inputs = {"x": None}
        scores = [
            {"request_id": f"interactions/0/{i + 1}", "key": 1, "time": at[i], "inputs": inputs}
            for i in scored
        ]
        (world / "scores.ndjson").write_text("\n".join(map(json.dumps, scores)) + "\n")
        rows = labelled_rows(world / "scores.ndjson", world, ["x"], range(0, 2))
        assert rows.labels.tolist() == [1, 0, 0, 1, 0], rows.labels
        assert rows.days.tolist() == [0, 0, 0, 0, 1], rows.days


def check_query_rows(random: np.random.Generator) -> None:
    """Columns by name, days from the first; a row of share 2 counts as two rows."""
    row = {"time": "2025-01-06 23:59:00.000", "label": 1, "inputs.b": None, "inputs.a": 2.5}
    later = row | {"time": "2025-01-07 00:00:00.000", "label": 0, "weight": 0.5}
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "rows.ndjson"
        path.write_text("\n".join(map(json.dumps, [row | {"weight": 1.5}, later])) + "\n")
        rows = query_rows(path, ["a", "b"])
    assert rows.labels.tolist() == [1, 0] and rows.days.tolist() == [0, 1]
    assert rows.weights.tolist() == [1.5, 0.5]
    assert rows.inputs[:, 0].tolist() == [2.5, 2.5] and np.isnan(rows.inputs[:, 1]).all()

    wide, deep = random.normal(size=(3, 5)), random.normal(size=(3, 7))
    labels = np.array([1.0, 0.0, 1.0])
    weights = initial_weights(5, 7, 0.3, random)
    twice = [0, 1, 2, 2]
    shares = np.array([1.0, 1.0, 2.0]) * 3 / 4
    once = gradients(wide, deep, labels, weights, shares)
    for a, b in zip(once, gradients(wide[twice], deep[twice], labels[twice], weights)):
        assert np.abs(a - b).max() < 1e-12


if __name__ == "__main__":
    generator = np.random.default_rng(1)
    check_gradients(generator)
    check_figures(generator)
    check_graph(generator)
    check_labels()
    check_query_rows(generator)
