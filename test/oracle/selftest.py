"""Proves that the checker can be trusted: worked examples, the definition by brute force, and faults.

1. Values worked out by hand on small inputs. 2. On hostile inputs, the verdicts the generator meant,
and windows and as-of rows once more by a scan over all earlier records. 3. The oracle's own output
passes the comparison, and each planted fault in it is found under its own name.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Callable

import hostile
import records as rec
from compare import compare
from recompute import VIEW_WINDOWS, Recomputation, write_outputs
from records import Event, Invalid, PlaceUpdate, parse_time

NOW = parse_time("2024-03-01T00:00:00Z")


def check(claim: str, found: object, expected: object) -> None:
    if found != expected:
        raise AssertionError(f"{claim}: expected {expected!r}, found {found!r}")


def run_rows(rows: list[tuple[str, dict]]) -> Recomputation:
    """A recomputation over rows given as (file, row); a file's name begins with its topic."""
    with tempfile.TemporaryDirectory() as directory:
        inputs: dict[str, list[str]] = {}
        for file in dict.fromkeys(file for file, _ in rows):
            path = os.path.join(directory, file)
            with open(path, "w", encoding="utf-8") as out:
                out.writelines(json.dumps(row) + "\n" for name, row in rows if name == file)
            inputs.setdefault(file.split(".")[0], []).append(path)
        return Recomputation(inputs, NOW)


def event(time: str, user: object = 1, place: object = 2, kind: str = "view", **more: object) -> dict:
    return {"user_id": user, "place_id": place, "event_type": kind, "timestamp": time} | more


def update(time: str, **changes: object) -> dict:
    return {"place_id": 2, "timestamp": time, "updates": changes}


def worked_windows() -> None:
    """A window reaches back to the pane edge at or before as_of - W, that edge included."""
    times = ("2024-01-01T08:59:59.999Z", "2024-01-01T09:00:00Z", "2024-01-01T10:00:30Z")
    run = run_rows([("interactions", event(time)) for time in times])
    vectors = [row for row in run.vectors() if row["view"] == "user"]
    check("1 h before 10:00:30 begins at 09:00:00", vectors[2]["features"]["views_1h"], 1)
    check("24 h hold both", vectors[2]["features"]["views_24h"], 2)
    check("hours since 09:00:00", vectors[2]["features"]["hours_since_last"], 3630 / 3600)
    check("nothing before the first", vectors[0]["features"]["last_activity"], None)
    latest = list(run.latest())
    check("latest, by view", [row["view"] for row in latest], ["place", "user"])
    check("as_of of a key above the watermark", latest[1]["as_of"], "2024-01-01T10:00:30.000Z")
    # 09:00:00 lies in the minute [09:00, 09:01): it leaves the hour at 10:01. For the place the first
    # to go is 08:59:59.999 from [08:48, 09:12) of the 24 h window, at 09:12 of the next day.
    check("valid_until of the user", latest[1]["valid_until"], "2024-01-01T10:01:00.000Z")
    check("valid_until of the place", latest[0]["valid_until"], "2024-01-02T09:12:00.000Z")
    check("Monday first", latest[0]["features"]["busy_days"], [3, 0, 0, 0, 0, 0, 0])
    check("hours", latest[0]["features"]["busy_hours"], [0] * 8 + [1, 1, 1] + [0] * 13)


def worked_as_of() -> None:
    """A late event takes the row as of its own time; a tie in the merge puts the table first."""
    run = run_rows([
        ("place-updates", update("2024-01-01T10:00:00Z", category="a", price_level=1)),
        ("place-updates", update("2024-01-01T10:30:00Z", category="b")),
        ("place-updates", update("2024-01-01T09:00:00Z", category="z", review_count=7)),
        ("place-updates", update("2024-01-01T10:50:00Z", price_level=None)),
        ("interactions", event("2024-01-01T10:30:00Z")),
        ("interactions", event("2024-01-01T10:20:00Z")),
        ("interactions", event("2024-01-01T09:30:00Z")),
        ("interactions", event("2024-01-01T09:29:59.999Z")),
        ("interactions", event("2024-01-01T10:50:00Z")),
    ])
    rows = [row["features"] for row in run.vectors() if row["view"] == "place"]
    check("category", [row["category"] for row in rows], ["b", "a", "z", "b"])
    check("price", [row["price_level"] for row in rows], [1, 1, None, None])
    check("a row older than the others still counts", [row["review_count"] for row in rows], [7] * 4)
    check("late", [(r.offset, r.verdict) for r in run.records if r.verdict != "used"], [(3, "late")])
    user = next(row for row in run.latest() if row["view"] == "user")["features"]
    check("never revised", user["visited_categories"], [["b", 2], ["a", 1], ["z", 1]])


def worked_numbers() -> None:
    """Sample deviation, radius in km, means, counts by type, and locations from the table."""
    here = {"context": {"location": {"lat": 10, "lng": 20}}}
    there = {"context": {"location": {"lat": 12, "lng": 20}}}
    run = run_rows([
        ("place-updates", update("2024-01-01T00:00:00Z", location={"lat": 14, "lng": 20})),
        ("interactions", event("2024-01-01T10:00:00Z", kind="rate", rating=4.5, **here)),
        ("interactions", event("2024-01-02T10:00:00Z", user="1", kind="click", rating=2, **there)),
        ("interactions", event("2024-01-02T10:00:00Z", kind="visit")),
    ])
    list(run.vectors())
    place, user = [row["features"] for row in run.latest()]
    check("1 and \"1\" are one key", user["total_interactions"], 3)
    check("mean rating of all types", (user["avg_rating_given"], place["avg_rating"]), (3.25, 3.25))
    check("home", (user["home_lat"], user["home_lng"]), (12, 20))
    check("sample deviation of 10, 12, 14", user["exploration_radius"], 2)
    kilometres = 6371.0088 * math.radians(math.sqrt(8 / 3))
    check("radius", math.isclose(user["exploration_radius_km"], kilometres, rel_tol=1e-12), True)
    check("clicks over no views", (user["clicks_7d"], user["click_through_7d"]), (1, None))
    check("calendar days", user["active_days"], 2)


def worked_times() -> None:
    """Zone, milliseconds and seconds (REQUIREMENTS §1)."""
    check("zero", parse_time("1970-01-01T00:00:00Z"), 0)
    check("offset", parse_time("2024-01-15T12:30:00.5+02:00"), 1_705_314_600_500)
    check("number", parse_time(1_705_314_600_000), 1_705_314_600_000)
    for wrong in ("2024-01-15T10:30:00", "2024-01-15", 1_705_314_600, None, True, "", "2024-02-30T00:00:00Z"):
        try:
            parse_time(wrong)
        except Invalid:
            continue
        raise AssertionError(f"{wrong!r} passed as a time")


def brute_force(run: Recomputation) -> None:
    """The definition with nothing but scans: all earlier used records, one predicate."""
    seen: list[tuple[int, Event]] = []
    updates: list[tuple[int, int, PlaceUpdate]] = []
    vectors = run.vectors()
    for position, record in enumerate(run.records):
        if isinstance(record.value, PlaceUpdate) and record.verdict == "used":
            updates.append((record.time, position, record.value))
        if not isinstance(record.value, Event) or record.verdict != "used":
            continue
        place, user = next(vectors), next(vectors)
        mine = [(time, e) for time, e in seen if e.user == record.value.user]
        as_of = max([time for time, _ in mine] + [record.time])
        for name, window in zip(("1h", "24h", "7d", "30d"), VIEW_WINDOWS["user"], strict=True):
            bound = math.floor((as_of - window) / (window // 60)) * (window // 60)
            inside = [e for time, e in mine if time >= bound]
            check(f"interactions_{name}", user["features"][f"interactions_{name}"], len(inside))
            clicks = sum(e.event_type == "click" for e in inside)
            check(f"clicks_{name}", user["features"][f"clicks_{name}"], clicks)
        category = None
        for time, _, change in sorted(updates, key=lambda row: row[:2]):
            if change.place == record.value.place and time <= record.time:
                category = change.changes.get("category", category)
        check("category", place["features"]["category"], category)
        seen.append((record.time, record.value))
    check("no vector left over", next(vectors, None), None)


Fault = Callable[[list[str]], list[str]]


def is_rich(line: str) -> bool:
    """A user's vector with something in every lifetime feature, so that a fault has what to change."""
    row = json.loads(line)
    return row["view"] == "user" and row["features"]["exploration_radius"] is not None


def edit(index: int | None, change: Callable[[dict], object]) -> Fault:
    """A fault in one line: the one at the index, or without one the last rich vector."""
    def apply(lines: list[str]) -> list[str]:
        at = max(n for n, line in enumerate(lines) if is_rich(line)) if index is None else index
        row = json.loads(lines[at])
        change(row)
        lines[at] = json.dumps(row)
        return lines
    return apply


def feature(name: str, value: Callable[[object], object]) -> Callable[[dict], object]:
    def apply(row: dict) -> None:
        row["features"][name] = value(row["features"].get(name))
    return apply


def swap(lines: list[str]) -> list[str]:
    return [lines[1], lines[0], *lines[2:]]


def fields(**values: object) -> Callable[[dict], object]:
    return lambda row: row.update(values)


# (kind that must be reported, file, fault); line -2 of the vectors is of view place.
FAULTS: list[tuple[str, str, Fault]] = [
    ("mismatch user.home_lat", "vectors", edit(None, feature("home_lat", lambda v: v * (1 + 3e-9)))),
    ("mismatch user.home_lng", "vectors", edit(None, feature("home_lng", lambda v: math.inf))),
    ("mismatch user.views_30d", "vectors", edit(None, feature("views_30d", lambda v: v + 1))),
    ("mismatch user.last_activity", "vectors", edit(None, feature("last_activity", lambda v: v[:-1]))),
    ("mismatch place.busy_hours", "vectors", edit(-2, feature("busy_hours", lambda v: v[:-1]))),
    ("missing user.active_days", "vectors", edit(None, lambda r: r["features"].pop("active_days"))),
    ("extra user.avg_rating_given", "vectors", edit(1, feature("avg_rating_given", lambda v: 0))),
    ("extra user.unheard_of", "vectors", edit(None, feature("unheard_of", lambda v: None))),
    ("vectors fields", "vectors", edit(4, fields(more=1))),
    ("vectors as_of", "vectors", edit(4, lambda r: r.update(as_of=r["as_of"][:-1]))),
    ("vectors key", "vectors", edit(4, lambda r: r.update(key=[r["key"]]))),
    ("vectors offset", "vectors", edit(4, lambda r: r.update(offset=float(r["offset"])))),
    ("vectors position", "vectors", edit(None, fields(position=[0, 0]))),
    ("vectors position", "vectors", edit(4, fields(position=None))),
    ("vectors order", "vectors", swap),
    ("vectors missing line", "vectors", lambda lines: lines[:-1]),
    ("vectors repeated line", "vectors", lambda lines: [lines[0], *lines, lines[0]]),
    ("vectors extra line", "vectors", edit(3, fields(partition=9))),
    ("no JSON object", "vectors", lambda lines: [*lines, "{"]),
    ("latest valid_until", "latest", edit(-1, fields(valid_until="2024-01-01T00:00:00.000Z"))),
    ("latest as_of", "latest", edit(-1, fields(as_of="2024-01-01T00:00:00.000Z"))),
    ("mismatch latest user.hours_since_last", "latest",
     edit(-1, feature("hours_since_last", lambda v: v * (1 + 3e-9) + 3e-9))),
    ("latest order", "latest", swap),
    ("latest extra line", "latest", lambda lines: [*lines, lines[0].replace('"key":', '"key":9876,"k":')]),
    ("dead-letters reason", "dead-letters", edit(0, fields(reason="filtered"))),
    ("dead-letters raw", "dead-letters", edit(0, lambda r: r.update(raw=r["raw"] + " "))),
    ("dead-letters detail", "dead-letters", edit(0, fields(detail=""))),
    ("dead-letters missing line", "dead-letters", lambda lines: lines[1:]),
]


def planted_faults(inputs: dict[str, list[str]], directory: str) -> None:
    """The clean output passes; each fault alone is found."""
    write_outputs(Recomputation(inputs, NOW), directory)
    clean = compare(Recomputation(inputs, NOW), directory, 1e-9)
    check("differences in the oracle's own output", dict(clean.kinds), {})
    for kind, name, fault in FAULTS:
        path = os.path.join(directory, f"{name}.ndjson")
        with open(path, encoding="utf-8", newline="\n") as file:
            before = file.read()
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(line + "\n" for line in fault(before[:-1].split("\n")))
        found = compare(Recomputation(inputs, NOW), directory, 1e-9)
        check(f"fault found as {kind!r} among {dict(found.kinds)}", found.kinds[kind] > 0, True)
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(before)
    path = os.path.join(directory, "accounts.json")
    with open(path, encoding="utf-8") as file:
        accounts = json.load(file)
    accounts["interactions"]["used"] += 1
    with open(path, "w", encoding="utf-8") as file:
        json.dump(accounts, file)
    found = compare(Recomputation(inputs, NOW), directory, 1e-9)
    check("wrong account found", list(found.kinds), ["accounts"])
    os.remove(os.path.join(directory, "latest.ndjson"))
    found = compare(Recomputation(inputs, NOW), directory, 1e-9)
    check("missing file found", found.kinds["missing file"], 1)


def self_test() -> int:
    """Raises on the first failure; returns the exit code 0."""
    for worked in (worked_windows, worked_as_of, worked_numbers, worked_times):
        worked()
    print("worked examples: right")
    with tempfile.TemporaryDirectory() as directory:
        for seed in (1, 2, 3):
            where = os.path.join(directory, str(seed))
            inputs = hostile.generate(seed, 700, where, edge=seed == 3)
            run = Recomputation(inputs, NOW)
            brute_force(run)
            with open(os.path.join(where, "manifest.json"), encoding="utf-8") as file:
                made = json.load(file)["made"]
            for topic, verdicts in made.items():
                found = [r.verdict for r in run.records if r.topic == topic]
                check(f"verdicts of {topic}", {v: found.count(v) for v in verdicts}, verdicts)
                check(f"records of {topic}", len(found), sum(verdicts.values()))
        print("hostile inputs: verdicts as made, windows and as-of rows as by brute force")
        planted_faults(inputs, os.path.join(directory, "out"))
        print(f"planted faults: {len(FAULTS) + 2} of {len(FAULTS) + 2} found, none without")
    return 0
