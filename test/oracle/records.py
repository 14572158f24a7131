"""Reads the input files of a replay, judges every line and merges them into one order.

Written from the pages only, never from src/: DESIGN §1 (merge, verdicts), §8 (offsets), REQUIREMENTS §1
(fields). Where the pages are silent the choice is marked CHOICE and listed in README.md.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

ALLOWED_LATENESS = HOUR  # DESIGN §2, defaults
ALLOWED_DISORDER = MINUTE  # DESIGN §2, defaults
FUTURE_LIMIT = 5 * MINUTE  # DESIGN §2
LARGEST_INTEGER_KEY = 2**53 - 1  # above it a JSON number may have lost digits (REQUIREMENTS §1)

TABLES = frozenset({"place-updates", "context"})
TOPICS = ("interactions", "place-updates", "context")


class Invalid(Exception):
    """A record that REQUIREMENTS §1 calls invalid, with the reason in words."""


@dataclass(slots=True)
class Event:
    """A valid interaction. Keys are held as text (their identity) and as they came."""

    user: str
    user_form: object
    place: str
    place_form: object
    event_type: str
    rating: float | None
    location: tuple[float, float] | None


@dataclass(slots=True)
class PlaceUpdate:
    """A valid place update; `changes` has a field only where the update names it."""

    place: str
    changes: dict[str, object]


@dataclass(slots=True)
class Record:
    """One non-empty line with its coordinates and its verdict."""

    topic: str
    partition: int
    offset: int
    raw: str
    verdict: str  # used | invalid | future | late
    detail: str
    time: int  # milliseconds; meaningless when invalid
    value: Event | PlaceUpdate | None
    merge_time: float  # the running maximum of its file, itself included


def iso(ms: int) -> str:
    """ISO 8601 in UTC with milliseconds (DESIGN §8)."""
    whole, part = divmod(ms, SECOND)
    moment = EPOCH + timedelta(seconds=whole)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{part:03d}Z"


def now_ms(text: str | None) -> int:
    """The clock that judges future stamps: --now, or the start of the command (DESIGN §2)."""
    return int(time.time() * 1000) if text is None else parse_time(text)


TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)", re.ASCII
)


def is_number(value: object) -> bool:
    """A finite JSON number, integer or not; `true` is a bool, which Python calls an int."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def parse_time(value: object) -> int:
    """Milliseconds of a timestamp.

    REQUIREMENTS §1: times carry a zone or are rejected; a number is milliseconds, and one that would be
    a sensible date in seconds is rejected. CHOICE: "sensible" is 1e8 .. 1e11 (1973 .. 5138 in seconds,
    January 1970 .. March 1973 in milliseconds); digits below the millisecond are cut off.
    """
    if is_number(value):
        if 1e8 <= value < 1e11:
            raise Invalid("timestamp looks like seconds")
        if abs(value) > 8.64e15:
            raise Invalid("timestamp out of range")
        return math.floor(value)
    if not isinstance(value, str):
        raise Invalid("timestamp missing or of a wrong type")
    match = TIME.fullmatch(value)
    if match is None:
        raise Invalid("timestamp without zone or not ISO 8601")
    year, month, day, hour, minute = (int(part) for part in match.groups()[:5])
    fraction = (match[7] or "").ljust(3, "0")[:3]
    try:
        moment = datetime(year, month, day, hour, minute, int(match[6] or 0), tzinfo=timezone.utc)
    except ValueError as error:
        raise Invalid(f"no such time: {error}") from None
    ms = (moment - EPOCH) // timedelta(milliseconds=1) + int(fraction)
    if match[8] == "Z":
        return ms
    sign = -1 if match[8][0] == "-" else 1
    return ms - sign * (int(match[8][1:3]) * HOUR + int(match[8][4:6]) * MINUTE)


def parse_key(row: dict, name: str) -> tuple[str, object]:
    """A key as (text, as it came). REQUIREMENTS §1: text or integers, identity is the text.

    CHOICE: 12.0 is the integer 12 (JSON has one kind of number); an empty text is invalid.
    """
    value = row.get(name)
    if isinstance(value, str) and value != "":
        return value, value
    if is_number(value) and value == math.floor(value):
        if abs(value) > LARGEST_INTEGER_KEY:
            raise Invalid(f"{name} beyond 2^53: send it as a string")
        return str(int(value)), int(value)
    raise Invalid(f"{name} missing or neither text nor integer")


def number_in(value: object, name: str, low: float, high: float) -> float | None:
    """A number within bounds, both included; absent and null are both None."""
    if value is None:
        return None
    if not is_number(value) or not low <= value <= high:
        raise Invalid(f"{name} is not a number in {low}..{high}")
    return value


def typed(row: dict, name: str, kind: type) -> None:
    """A declared field has its JSON type, or is absent or null (a wrong type is invalid)."""
    value = row.get(name)
    wrong = not is_number(value) if kind is float else not isinstance(value, kind)
    if value is not None and wrong:
        raise Invalid(f"{name} has a wrong type")


def parse_location(value: object) -> tuple[float, float] | None:
    """Both coordinates or none; only one of them is invalid. CHOICE: `{}` is no location."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise Invalid("location is not an object")
    lat = number_in(value.get("lat"), "lat", -90, 90)
    lng = number_in(value.get("lng"), "lng", -180, 180)
    if (lat is None) != (lng is None):
        raise Invalid("location with only one of lat and lng")
    return None if lat is None or lng is None else (lat, lng)


def parse_interaction(row: dict) -> Event:
    """REQUIREMENTS §1. An unknown event_type is kept; `rating` is required of a `rate` only."""
    user, user_form = parse_key(row, "user_id")
    place, place_form = parse_key(row, "place_id")
    event_type = row.get("event_type")
    if not isinstance(event_type, str):
        raise Invalid("event_type missing or of a wrong type")
    rating = number_in(row.get("rating"), "rating", 1, 5)
    if event_type == "rate" and rating is None:
        raise Invalid("rate without rating")
    typed(row, "context", dict)
    context = row.get("context") or {}
    for name in ("search_query", "device", "session_id"):
        typed(context, name, str)
    location = parse_location(context.get("location"))
    return Event(user, user_form, place, place_form, event_type, rating, location)


def parse_place_update(row: dict) -> PlaceUpdate:
    """REQUIREMENTS §1: a partial update; only the fields that features read are kept here."""
    place, _ = parse_key(row, "place_id")
    updates = row.get("updates")
    if not isinstance(updates, dict):
        raise Invalid("updates missing or not an object")
    number_in(updates.get("rating"), "rating", 1, 5)
    for name, kind in (("review_count", float), ("category", str), ("price_level", float),
                       ("business_hours", dict), ("attributes", dict)):
        typed(updates, name, kind)
    names = ("rating", "review_count", "category", "price_level")
    changes = {name: updates[name] for name in names if name in updates}
    location = parse_location(updates.get("location"))
    if "location" in updates and updates["location"] != {}:
        changes["location"] = location  # null clears (DESIGN §2)
    return PlaceUpdate(place, changes)


def parse_context(row: dict) -> None:
    """REQUIREMENTS §1. No feature of the stored views reads it; only its verdict matters here."""
    for name, kind in (("weather", dict), ("events", list), ("traffic", dict)):
        typed(row, name, kind)
    weather, traffic = row.get("weather") or {}, row.get("traffic") or {}
    typed(weather, "temp", float)
    typed(weather, "condition", str)
    typed(traffic, "congestion_level", float)


PARSERS = {"interactions": parse_interaction, "place-updates": parse_place_update,
           "context": parse_context}


def refuse_constant(name: str) -> None:
    """NaN and Infinity are no JSON, though Python reads them."""
    raise Invalid(f"{name} is not JSON")


def decode(topic: str, line: bytes) -> tuple[int, Event | PlaceUpdate | None]:
    """Time and value of one line, or Invalid. JSON is UTF-8, so other bytes are broken JSON."""
    try:
        row = json.loads(line.decode("utf-8"), parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise Invalid(f"not JSON: {error}") from None
    if not isinstance(row, dict):
        raise Invalid("not an object")
    value = PARSERS[topic](row)
    return parse_time(row.get("timestamp")), value


def judge_file(topic: str, partition: int, path: str, now: int) -> list[Record]:
    """Every record of one file in offset order.

    DESIGN §1: a file is a partition, a line is an offset from 0, an empty line takes an offset and is
    no record (so is a line of white space only).
    """
    opened = gzip.open(path, "rb") if path.endswith(".gz") else open(path, "rb")
    with opened as lines:
        stripped = (line.removesuffix(b"\n").removesuffix(b"\r") for line in lines)
        return judge_lines(topic, partition, enumerate(stripped), now)


def judge_lines(
    topic: str, partition: int, lines: Iterable[tuple[int, bytes]], now: int
) -> list[Record]:
    """Every record of one source partition, from (offset, line) in order.

    DESIGN §1, verdicts in the order invalid, future, late. Late: time below the running maximum of its
    own partition less the lateness; only used records move the maximum. Table rows are never late (§2).
    """
    records = []
    running = -math.inf
    for offset, line in lines:
        if line.strip() == b"":
            continue
        verdict, detail, stamp, value = "used", "", 0, None
        try:
            stamp, value = decode(topic, line)
        except Invalid as error:
            verdict, detail = "invalid", str(error)
        if verdict == "used" and stamp > now + FUTURE_LIMIT:
            verdict, detail = "future", f"{iso_or_number(stamp)} is ahead of the clock"
        elif verdict == "used" and topic not in TABLES and stamp < running - ALLOWED_LATENESS:
            verdict, detail = "late", f"{iso(stamp)} is below {iso(int(running))} less the lateness"
        elif verdict == "used":
            running = max(running, stamp)
        raw = "" if verdict == "used" else line.decode("utf-8", "replace")
        records.append(
            Record(topic, partition, offset, raw, verdict, detail, stamp, value, running)
        )
    return records


def iso_or_number(ms: int) -> str:
    """For messages: Python's calendar ends with the year 9999."""
    return iso(ms) if ms < 253_402_300_800_000 else str(ms)


def merge_order(record: Record) -> tuple:
    """DESIGN §1: running maximum of the file, tables before events, topic, partition, offset."""
    is_event = record.topic not in TABLES
    return (record.merge_time, is_event, record.topic, record.partition, record.offset)


def read_merged(inputs: dict[str, list[str]], now: int) -> list[Record]:
    """All records of all files in ingest order; the index in the list stands for the position."""
    records = []
    for topic, paths in inputs.items():
        for partition, path in enumerate(paths):
            records += judge_file(topic, partition, path, now)
    records.sort(key=merge_order)
    return records


def add_input_arguments(parser) -> None:
    """The inputs as recompute.py and compare.py take them; several files are several partitions."""
    for topic in TOPICS:
        parser.add_argument(f"--{topic}", nargs="+", action="extend", default=[], metavar="FILE")
    parser.add_argument("--now", help="ISO time that judges future stamps; default: the clock")


def inputs_of(arguments) -> dict[str, list[str]]:
    """Only topics that were given have an account."""
    paths = {topic: getattr(arguments, topic.replace("-", "_")) for topic in TOPICS}
    return {topic: files for topic, files in paths.items() if files}
