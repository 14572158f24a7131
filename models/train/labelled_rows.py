"""Training rows: the inputs of scores with the label that the interactions after them give."""

import gzip
import json
from bisect import bisect_right
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

HORIZON_MS = 24 * 3_600_000
DAY_MS = 86_400_000


class LabelledRows(NamedTuple):
    """Inputs [n, D] with NaN for null, labels [n] of 0 and 1, the day of each, from 0, weights [n].

    Without weights every row weighs the same.
    """

    inputs: np.ndarray
    labels: np.ndarray
    days: np.ndarray
    weights: np.ndarray | None = None


def lines(path: Path):
    """The lines of a file, plain or gzipped."""
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as file:
        yield from file


def time_ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


class Interactions:
    """The place of every interaction by its coordinates, and when a user took up a place."""

    def __init__(self, paths: list[Path]) -> None:
        self.place_of: dict[str, str] = {}
        self.taken_ms: dict[tuple[str, str], list[int]] = defaultdict(list)
        for partition, path in enumerate(paths):
            for offset, line in enumerate(lines(path)):
                self._add(f"interactions/{partition}/{offset}", line)
        for times in self.taken_ms.values():
            times.sort()

    def _add(self, coordinates: str, line: str) -> None:
        try:
            event = json.loads(line)
            user, place = str(event["user_id"]), str(event["place_id"])
            at = time_ms(event["timestamp"])
        except (ValueError, KeyError, TypeError):
            return  # a damaged line, which Weir refuses as well
        self.place_of[coordinates] = place
        rating = event.get("rating")
        rated = event["event_type"] == "rate" and isinstance(rating, (int, float))
        if event["event_type"] == "visit" or (rated and 3 <= rating <= 5):
            self.taken_ms[user, place].append(at)

    def label(self, user: str, coordinates: str, at: int) -> int:
        """1 where a visit, or a rating of at least 3, follows within the horizon."""
        times = self.taken_ms.get((user, self.place_of[coordinates]), [])
        after = bisect_right(times, at)
        return int(after < len(times) and times[after] <= at + HORIZON_MS)


def labelled_rows(scores: Path, world: Path, names: list[str], days: range) -> LabelledRows:
    """Rows of the given days from the scores of a replay and the world it replayed."""
    manifest = json.loads((world / "manifest.json").read_text())
    start = time_ms(manifest["options"]["start"])
    paths = [world / f["name"] for f in manifest["files"] if f["name"].startswith("interactions")]
    interactions = Interactions(paths)
    inputs, labels, of_day = [], [], []
    for line in lines(scores):
        score = json.loads(line)
        at = time_ms(score["time"])
        day = (at - start) // DAY_MS
        if day not in days:
            continue
        values = [score["inputs"][name] for name in names]
        inputs.append([np.nan if value is None else value for value in values])
        labels.append(interactions.label(str(score["key"]), score["request_id"], at))
        of_day.append(day)
    return LabelledRows(np.array(inputs, float), np.array(labels, float), np.array(of_day))


def query_rows(path: Path, names: list[str]) -> LabelledRows:
    """Rows as a retraining event's query gives them, FORMAT JSONEachRow; days from the first."""
    inputs, labels, at, weights = [], [], [], []
    for number, line in enumerate(lines(path), 1):
        row = json.loads(line)
        missing = [name for name in names if f"inputs.{name}" not in row]
        if missing or "label" not in row:
            found = f"no inputs.{missing[0]}" if missing else "no label"
            raise SystemExit(f"{path}:{number}: expected the query's columns; found {found}")
        values = [row[f"inputs.{name}"] for name in names]
        inputs.append([np.nan if value is None else value for value in values])
        labels.append(row["label"])
        time = row["time"].replace(" ", "T")
        at.append(time_ms(time if time.endswith("Z") else f"{time}+00:00"))
        weights.append(row.get("weight", 1.0))
    days = np.array(at) // DAY_MS
    share = np.array(weights, float)
    return LabelledRows(
        np.array(inputs, float),
        np.array(labels, float),
        days - days.min(),
        share / share.mean() if (share != 1).any() else None,
    )
