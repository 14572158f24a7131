"""What `weir replay --pipeline places` must write, recomputed naively from the input files.

The definition of DESIGN §2 taken literally: a vector before e is computed over the list of all earlier
events of its key. Nothing is carried from one vector to the next but that list, kept in time order so
that a window is a slice. No panes, no totals. Sums are exact (`math.fsum`), variances two-pass.
"""

from __future__ import annotations

import argparse
import json
import math
import os
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator

import records as rec
from records import ALLOWED_DISORDER, DAY, HOUR, Event, PlaceUpdate, Record, iso

EARTH_RADIUS_KM = 6371.0088  # REQUIREMENTS §2
WINDOWS = {"1h": HOUR, "24h": DAY, "7d": 7 * DAY, "30d": 30 * DAY}
VIEW_WINDOWS = {"user": list(WINDOWS.values()), "place": [DAY, 7 * DAY]}  # those its features name
PANES_PER_WINDOW = 60  # P = W/60 unless named (DESIGN §2); `places` names none
TYPES = {"views": "view", "clicks": "click", "visits": "visit", "ratings": "rate"}
COLUMNS = ("type", "rating", "partner", "category", "location")


def window_start(as_of: int, window: int) -> int:
    """floor(asOf - W, P): the window holds every time not below it (DESIGN §2)."""
    pane = window // PANES_PER_WINDOW
    return (as_of - window) // pane * pane


class History:
    """All events that one key of one view has seen, as columns in order of time."""

    def __init__(self) -> None:
        self.times: list[int] = []
        self.columns: dict[str, list] = {name: [] for name in COLUMNS}
        self.forms: list[object] = []  # the key as it came

    def add(self, time: int, form: object, values: tuple) -> None:
        at = bisect_right(self.times, time)
        self.times.insert(at, time)
        for name, value in zip(COLUMNS, values, strict=True):
            self.columns[name].insert(at, value)
        if not any(form == seen and type(form) is type(seen) for seen in self.forms):
            self.forms.append(form)

    def since(self, start: int) -> int:
        """Index of the first event with a time not below start."""
        return bisect_left(self.times, start)


class PlaceTable:
    """Place updates known so far, per place in (time, position) order."""

    def __init__(self) -> None:
        self.updates: dict[str, list[tuple[int, int, dict]]] = {}

    def add(self, time: int, position: int, update: PlaceUpdate) -> None:
        rows = self.updates.setdefault(update.place, [])
        rows.append((time, position, update.changes))
        rows.sort(key=lambda row: row[:2])

    def as_of(self, place: str, time: int) -> dict[str, object]:
        """DESIGN §2: the fold of the updates with a smaller position (those here already) and a time
        not after `time`, field by field in (time, position) order; null clears."""
        row: dict[str, object] = {}
        for at, _, changes in self.updates.get(place, ()):
            if at <= time:
                row.update(changes)
        return row


def mean(values: list[float]) -> float | None:
    """A mean of nothing is null (REQUIREMENTS §2)."""
    return math.fsum(values) / len(values) if values else None


def squares(values: list[float]) -> float:
    """Sum of squared deviations from the mean, two-pass."""
    centre = mean(values)
    return math.fsum([(value - centre) ** 2 for value in values])


def ratio(part: int, whole: int) -> float | None:
    """Clicks / views; null where there were no views (REQUIREMENTS §2)."""
    return part / whole if whole else None


def present(values: list) -> list:
    return [value for value in values if value is not None]


def location_features(locations: list[tuple[float, float]]) -> dict[str, object]:
    """REQUIREMENTS §2: home is the mean; the radius is the sample standard deviation of the latitude
    (null below two); the one in km takes population variances in radians (so one place gives 0)."""
    lats = [lat for lat, _ in locations]
    lngs = [lng for _, lng in locations]
    n = len(locations)
    home_lat = mean(lats)
    radius, kilometres = None, None
    if home_lat is not None:
        about_lat, about_lng = squares(lats), squares(lngs)  # degrees²; below to radians²
        radius = math.sqrt(about_lat / (n - 1)) if n >= 2 else None
        shrink = math.cos(math.radians(home_lat)) ** 2
        variance = (about_lat + shrink * about_lng) / n * math.radians(1) ** 2
        kilometres = EARTH_RADIUS_KM * math.sqrt(variance)
    return {
        "home_lat": home_lat,
        "home_lng": mean(lngs),
        "exploration_radius": radius,
        "exploration_radius_km": kilometres,
    }


def top_categories(categories: list[str | None]) -> list[list]:
    """The 10 most frequent, ties by code point (Python's order of text). An interaction whose place
    has no category as of then counts for none. CHOICE: a list of nothing is [], not null."""
    counts = Counter(present(categories))
    return [[name, n] for name, n in sorted(counts.items(), key=lambda kv: (-kv[1], kv[0]))[:10]]


def user_features(history: History, as_of: int, _row: dict) -> dict[str, object]:
    """REQUIREMENTS §2, view `user`; `ratings_*` counts events of type rate, `avg_rating_given` is the
    mean of `rating` wherever one is present."""
    columns, times = history.columns, history.times
    features: dict[str, object] = {}
    for suffix, window in WINDOWS.items():
        types = columns["type"][history.since(window_start(as_of, window)):]
        for name, event_type in TYPES.items():
            features[f"{name}_{suffix}"] = types.count(event_type)
        features[f"interactions_{suffix}"] = len(types)
        features[f"click_through_{suffix}"] = ratio(types.count("click"), types.count("view"))
    week = history.since(window_start(as_of, 7 * DAY))
    month = history.since(window_start(as_of, 30 * DAY))
    features["avg_rating_given"] = mean(present(columns["rating"]))
    features["avg_rating_given_30d"] = mean(present(columns["rating"][month:]))
    features["total_interactions"] = len(times)
    features["last_activity"] = iso(times[-1]) if times else None
    features["active_days"] = len({time // DAY for time in times})  # UTC by default (§1)
    features["visited_categories"] = top_categories(columns["category"])
    features |= location_features(present(columns["location"]))
    features["hours_since_last"] = (as_of - times[-1]) / HOUR if times else None
    features["distinct_places_7d"] = len(set(columns["partner"][week:]))
    return features


def place_features(history: History, as_of: int, row: dict) -> dict[str, object]:
    """REQUIREMENTS §2, view `place`; `row` is the place's own table row."""
    columns = history.columns
    week = history.since(window_start(as_of, 7 * DAY))
    times = history.times[week:]
    hours = [time % DAY // HOUR for time in times]
    days = [(time // DAY + 3) % 7 for time in times]  # 1970-01-01 was a Thursday; 0 is Monday
    features: dict[str, object] = {
        "weekly_visits": len(times),
        "unique_visitors": len(set(columns["partner"][week:])),
        "avg_rating": mean(present(columns["rating"][week:])),
        "busy_hours": [hours.count(hour) for hour in range(24)],
        "busy_days": [days.count(day) for day in range(7)],
    }
    for suffix in ("24h", "7d"):
        types = columns["type"][history.since(window_start(as_of, WINDOWS[suffix])):]
        clicks, views = types.count("click"), types.count("view")
        features[f"clicks_{suffix}"] = clicks
        features[f"views_{suffix}"] = views
        features[f"click_through_{suffix}"] = ratio(clicks, views)
    features["category"] = row.get("category")
    features["price_level"] = row.get("price_level")
    features["listed_rating"] = row.get("rating")
    features["review_count"] = row.get("review_count")
    return features


FEATURES = {"place": place_features, "user": user_features}


def valid_until(history: History, at: int, windows: list[int]) -> int | None:
    """DESIGN §2: the first instant at which a window's content changes. An event of the pane
    [nP, (n+1)P) is in the window while floor(t - W, P) <= nP, so it leaves at (n+1)P + W. Every event
    of the view counts, whatever the conditions of its features; none in any window gives null."""
    leaving = []
    for window in windows:
        pane = window // PANES_PER_WINDOW
        inside = history.times[history.since(window_start(at, window)):]
        leaving += [(time // pane + 1) * pane + window for time in inside]
    return min(leaving, default=None)


class Recomputation:
    """Runs once over the merged records: first `vectors()`, then `latest()`."""

    def __init__(self, inputs: dict[str, list[str]], now: int) -> None:
        self.records = rec.read_merged(inputs, now)
        self.topics = list(inputs)
        self.table = PlaceTable()
        self.histories: dict[str, dict[str, History]] = {"place": {}, "user": {}}

    def accounts(self) -> dict[str, dict[str, int]]:
        """DESIGN §8; `future` is counted as invalid (§2). Replayed files hold no duplicates and
        `places` filters nothing."""
        result = {}
        for topic in self.topics:
            verdicts = Counter(r.verdict for r in self.records if r.topic == topic)
            result[topic] = {
                "in": verdicts.total(), "used": verdicts["used"], "late": verdicts["late"],
                "invalid": verdicts["invalid"] + verdicts["future"], "duplicate": 0, "filtered": 0,
            }
        return result

    def dead_letters(self) -> list[dict[str, object]]:
        """DESIGN §8, in ingest order."""
        return [
            {"topic": r.topic, "partition": r.partition, "offset": r.offset, "reason": r.verdict,
             "detail": r.detail, "raw": r.raw}
            for r in self.records if r.verdict != "used"
        ]

    def vectors(self) -> Iterator[dict[str, object]]:
        """The vector before each used interaction, in ingest order, then by view (DESIGN §8)."""
        for position, record in enumerate(self.records):
            if record.verdict != "used":
                continue
            if isinstance(record.value, PlaceUpdate):
                self.table.add(record.time, position, record.value)
            elif isinstance(record.value, Event):
                yield from self.event_vectors(position, record, record.value)

    def event_vectors(self, position: int, record: Record, event: Event) -> Iterator[dict]:
        # The table row of the place as of the event's own time serves all three uses: the place's own
        # features, the category of this interaction, and its location where it has none (§2).
        row = self.table.as_of(event.place, record.time)
        location = event.location or row.get("location")
        common = (event.event_type, event.rating)
        sides = (
            ("place", event.place, event.place_form, (*common, event.user, None, None)),
            ("user", event.user, event.user_form,
             (*common, event.place, row.get("category"), location)),
        )
        for view, key, form, values in sides:
            history = self.histories[view].setdefault(key, History())
            # asOf(e): the largest time the key has seen, e included (DESIGN §2).
            as_of = max(record.time, history.times[-1]) if history.times else record.time
            features = FEATURES[view](history, as_of, row)
            yield {
                "view": view, "key": form, "topic": record.topic, "partition": record.partition,
                "offset": record.offset, "time": iso(record.time), "as_of": iso(as_of),
                "position": [0, position], "features": features,
            }
            history.add(record.time, form, values)

    def latest(self) -> Iterator[dict[str, object]]:
        """One line per entity with a used event, by view and key text, evaluated at the larger of the
        key's as_of and the last watermark: largest event time less the disorder (DESIGN §8). The
        printed as_of is that instant; a place's row is taken as of it."""
        times = [h.times[-1] for by_key in self.histories.values() for h in by_key.values()]
        watermark = max(times, default=0) - ALLOWED_DISORDER
        for view, by_key in sorted(self.histories.items()):
            for key, history in sorted(by_key.items()):
                at = max(history.times[-1], watermark)
                row = self.table.as_of(key, at) if view == "place" else {}
                until = valid_until(history, at, VIEW_WINDOWS[view])
                yield {
                    "view": view, "key": history.forms[-1], "as_of": iso(at),
                    "valid_until": None if until is None else iso(until),
                    "features": FEATURES[view](history, at, row),
                }


def write_outputs(run: Recomputation, directory: str) -> None:
    """The four files of DESIGN §8 as the oracle sees them (position: [0, index in ingest order])."""
    os.makedirs(directory, exist_ok=True)
    outputs = (("vectors", run.vectors), ("latest", run.latest), ("dead-letters", run.dead_letters))
    for name, lines in outputs:
        with open(os.path.join(directory, f"{name}.ndjson"), "w", encoding="utf-8") as out:
            for line in lines():
                out.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
    with open(os.path.join(directory, "accounts.json"), "w", encoding="utf-8") as out:
        json.dump(run.accounts(), out, indent=2)
        out.write("\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    rec.add_input_arguments(parser)
    parser.add_argument("--out", required=True, metavar="DIR")
    arguments = parser.parse_args()
    run = Recomputation(rec.inputs_of(arguments), rec.now_ms(arguments.now))
    write_outputs(run, arguments.out)


if __name__ == "__main__":
    main()
