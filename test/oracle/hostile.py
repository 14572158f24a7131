"""Writes seeded hostile inputs for `places`, made to hit every corner of time, keys and bad records.

Three interaction files, two place-updates files and one context file (some gzipped), and manifest.json
with the clock to judge by and the verdict that every line was *made* to get, so that the judge of the
oracle is itself checked. The same seed gives the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
from collections import Counter

from records import DAY, HOUR, MINUTE, SECOND, iso

SPAN = 60 * DAY
START = 1_704_067_200_000  # 2024-01-01T00:00:00Z, a Monday
PANES = (MINUTE, 24 * MINUTE, 168 * MINUTE, 720 * MINUTE)  # of 1h, 24h, 7d, 30d
FILES = 3
TYPES = ("view", "click", "visit", "rate")
HOT_USERS = (1, "12", "u-hot")
HOT_PLACES = (100, "p/hot", "12")
# Texts that break maps, quoting, sorting by UTF-16 or numbers; 7 and "007" differ, 12 and "12" do not.
ODD_KEYS = (12, "12", 7, "007", -5, 2**53 - 1, "__proto__", "constructor", 'he"said', "a b", "zoë",
            "\\", "\t", "null", "😀", "12345678901234567890")
# U+FF5E sorts above U+1F600 by UTF-16 unit and below it by code point.
CATEGORIES = ("italian", "bar", "café", "\uff5e", "😀", "__proto__", "museum", "Bar", "park", "zoo",
              "gym", "deli", "pub", "toString")


class Hostile:
    """The generator's state: the seeded randomness, the files' running maxima and what was written."""

    def __init__(self, seed: int, events: int, edge: bool) -> None:
        self.random = random.Random(seed)
        self.events = events
        self.edge = edge
        self.now = START + SPAN
        self.lines: dict[str, list[bytes]] = {}
        self.maximum: dict[str, int] = {}
        self.made: dict[str, Counter] = {}
        self.kinds: Counter = Counter()

    def put(self, file: str, kind: str, verdict: str | None, line: str | bytes) -> None:
        """One line; no verdict means that it is no record. One in ten ends in CR LF."""
        data = line if isinstance(line, bytes) else line.encode("utf-8")
        end = b"\r\n" if self.random.random() < 0.1 else b"\n"
        self.lines.setdefault(file, []).append(data + end)
        self.kinds[kind] += 1
        if verdict is not None:
            self.made.setdefault(file, Counter())[verdict] += 1

    def row(self, file: str, kind: str, verdict: str, row: dict) -> None:
        ascii_only = self.random.random() < 0.2  # escapes and plain UTF-8 mean the same
        self.put(file, kind, verdict, json.dumps(row, ensure_ascii=ascii_only))

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def user(self) -> object:
        r = self.random
        pick = r.random()
        if pick < 0.35:
            key = r.choice(HOT_USERS)
            return 12 if key == "12" and r.random() < 0.5 else key
        if pick < 0.5:
            return r.choice(ODD_KEYS)
        return r.choice((int, lambda n: f"u{n}"))(r.randrange(2, 2 + self.events // 4))

    def place(self) -> object:
        r = self.random
        pick = r.random()
        if pick < 0.35:
            key = r.choice(HOT_PLACES)
            return 12 if key == "12" and r.random() < 0.5 else key
        if pick < 0.45:
            return r.choice(ODD_KEYS)
        return r.randrange(200, 200 + self.events // 10 + 5)


def clusters(r: random.Random) -> list[tuple[int, int]]:
    """Busy stretches of minutes to days with gaps of up to weeks, over the whole span."""
    stretches = []
    at = START
    while at < START + SPAN:
        length = r.choice((10 * MINUTE, HOUR, 5 * HOUR, DAY, 3 * DAY))
        stretches.append((at, min(at + length, START + SPAN)))
        at += length + r.choice((HOUR, DAY, 2 * DAY, 9 * DAY, 17 * DAY))
    stretches.append((START + SPAN - 2 * HOUR, START + SPAN))
    return stretches


def base_times(h: Hostile) -> list[int]:
    """Rising times; one in four on a pane edge or a millisecond beside it, one in ten repeated."""
    r = h.random
    stretches = clusters(r)
    times: list[int] = []
    for _ in range(h.events):
        start, end = r.choice(stretches)
        time = r.randrange(start, end)
        if h.chance(0.7):
            time = time // SECOND * SECOND
        if h.chance(0.25):
            pane = r.choices(PANES, (1, 1, 3, 1))[0]
            time = time // pane * pane + r.choice((0, 0, 0, -1, 1))
        if times and h.chance(0.1):
            time = r.choice(times[-20:])
        times.append(max(time, START))
    return sorted(times)


def stamp(h: Hostile, ms: int) -> object:
    """The same instant in the ways it may be written: UTC, an offset, whole seconds, a number."""
    pick = h.random.random()
    if pick < 0.1:
        return ms
    if pick < 0.2:
        minutes = h.random.choice((330, -480, 60, 0))
        sign = "-" if minutes < 0 else "+"
        local = iso(ms + minutes * MINUTE)[:-1]
        return f"{local}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    return iso(ms).replace(".000Z", "Z")


def location(h: Hostile) -> dict | None:
    r = h.random
    if h.chance(0.05):
        return {"lat": r.choice((90, -90, 0, 0.0)), "lng": r.choice((180, -180, 0))}
    return {"lat": round(r.gauss(40.7, 0.2), 6), "lng": round(r.gauss(-73.9, 0.2), 6)}


def interaction(h: Hostile, ms: int) -> dict:
    r = h.random
    kind = r.choices((*TYPES, "share", "__proto__"), (40, 25, 15, 15, 4, 1))[0]
    row = {"user_id": h.user(), "place_id": h.place(), "event_type": kind, "timestamp": stamp(h, ms)}
    if kind == "rate" or h.chance(0.05):
        row["rating"] = r.randrange(10, 51) / 10
    elif h.chance(0.05):
        row["rating"] = None
    if h.chance(0.85):
        context = {"device": "mobile", "session_id": "s", "search_query": "q", "unknown": [1, {}]}
        if h.chance(0.7):
            context["location"] = location(h) if h.chance(0.9) else None
        row["context"] = context
    elif h.chance(0.3):
        row["context"] = None
    if h.chance(0.05):
        row["unknown_field"] = {"kept": True}
    return row


def delay(h: Hostile) -> int:
    """How far an event lags the base time: none, within the disorder, within the lateness, beyond."""
    pick = h.random.random()
    if pick < 0.8:
        return 0
    if pick < 0.9:
        return h.random.choice((1, MINUTE - 1, MINUTE, MINUTE + 1, h.random.randrange(MINUTE)))
    if pick < 0.96:
        return h.random.randrange(MINUTE, HOUR)
    return h.random.choice((HOUR, HOUR + 1, h.random.randrange(HOUR, 3 * DAY)))


def write_events(h: Hostile) -> None:
    for base in base_times(h):
        file = f"interactions-{h.random.randrange(FILES)}"
        maximum = h.maximum.get(file)
        ms = max(base - delay(h), START)
        if maximum is not None and h.chance(0.02):
            # Exactly at the bound of the lateness (used) or one millisecond below it (late).
            ms = maximum - HOUR - h.random.choice((0, 1))
        late = maximum is not None and ms < maximum - HOUR
        kind = "late" if late else "used" if ms == base else "disorder"
        row = interaction(h, ms)
        # The same text at another offset is another record, no duplicate (DESIGN §1: coordinates).
        for _ in range(2 if h.chance(0.01) else 1):
            h.row(file, kind, "late" if late else "used", row)
        if not late:
            h.maximum[file] = max(ms, h.maximum.get(file, ms))
        if h.chance(0.02):
            write_broken_event(h, file, base)
        if h.chance(0.005):
            h.put(file, "empty", None, "")
    # At the bound of the future, in the end, since used records move the maximum.
    for ahead, verdict in ((1, "future"), (0, "used")):
        row = interaction(h, h.now + 5 * MINUTE + ahead)
        h.row("interactions-0", f"bound of the future, {verdict}", verdict, row)


def broken_rows(h: Hostile, ms: int) -> list[tuple[str, str, dict]]:
    """One row of each kind that decodes and must not pass."""
    ok = {"user_id": 1, "place_id": 100, "event_type": "view", "timestamp": iso(ms)}
    kinds: list[tuple[str, str, dict]] = []
    for name in ok:
        kinds.append((f"no {name}", "invalid", {k: v for k, v in ok.items() if k != name}))
        kinds.append((f"null {name}", "invalid", ok | {name: None}))
    for name in ("user_id", "place_id"):
        for value in ("", True, 1.5, [1], {}, 2**53, 2**53 + 1, -(2**53) - 1, 10**20):
            kinds.append((f"{name} {value!r}", "invalid", ok | {name: value}))
    for value in (0.9, 5.1, 0, -1, 6, "4.5", True, [4]):
        kinds.append((f"rating {value!r}", "invalid", ok | {"event_type": "rate", "rating": value}))
    kinds.append(("rate without rating", "invalid", ok | {"event_type": "rate"}))
    kinds.append(("rate of null", "invalid", ok | {"event_type": "rate", "rating": None}))
    kinds.append(("rating of a view", "invalid", ok | {"rating": 5.01}))
    kinds.append(("event_type 3", "invalid", ok | {"event_type": 3}))
    for lat, lng in ((90.001, 0), (-91, 0), (0, 180.001), (0, -181), ("1", 0), (0, None), (None, 0)):
        place = {"location": {"lat": lat, "lng": lng}}
        kinds.append((f"location {lat!r} {lng!r}", "invalid", ok | {"context": place}))
    kinds.append(("lat only", "invalid", ok | {"context": {"location": {"lat": 1}}}))
    kinds.append(("location list", "invalid", ok | {"context": {"location": [1, 2]}}))
    for value in ("text", [], 5, True):
        kinds.append((f"context {value!r}", "invalid", ok | {"context": value}))
    kinds.append(("device 5", "invalid", ok | {"context": {"device": 5}}))
    zoneless = iso(ms)[:-1]
    for value in (zoneless, zoneless[:-4], iso(ms)[:10], ms // 1000, ms / 1000, str(ms), "", "soon",
                  True, [], "2024-13-01T00:00:00Z"):
        kinds.append((f"time {type(value).__name__}", "invalid", ok | {"timestamp": value}))
    for value in ("2100-01-01T00:00:00Z", 4_102_444_800_000):
        kinds.append((f"future {type(value).__name__}", "future", ok | {"timestamp": value}))
    far = ok | {"timestamp": "2100-01-01T00:00:00Z", "event_type": "rate", "rating": 9}
    kinds.append(("future and broken", "invalid", far))
    old = ok | {"timestamp": "2001-01-01T00:00:00Z", "event_type": "rate", "rating": 9}
    kinds.append(("late and broken", "invalid", old))
    return kinds


BROKEN_LINES = (b"{", b'{"user_id":1', b"null", b"[]", b"[1,2]", b"5", b'"text"', b"true", b"{}", b"NaN",
                b"not json at all", b'{"user_id":1}{"user_id":2}', b"{'user_id':1}", b"\xff\xfe{}",
                b'{"a":1,}', b"\x00", b'{"user_id":1,\xc3"place_id":2}')
# What the pages leave open (README.md): only with --edge.
EDGE_LINES = (b'{"user_id":"\xff","place_id":2,"event_type":"view","timestamp":"2024-01-01T00:00:00Z"}',
              b'{"user_id":1,"place_id":2,"event_type":"view","timestamp":"2024-02-30T00:00:00Z"}')


def write_broken_event(h: Hostile, file: str, ms: int) -> None:
    """Broken records are stamped with the present, so that they would count if they slipped through."""
    if h.chance(0.3):
        line = h.random.choice(BROKEN_LINES + (EDGE_LINES if h.edge else ()))
        h.put(file, f"line {line[:12]!r}", "invalid", line)
        return
    kind, verdict, row = h.random.choice(broken_rows(h, ms))
    h.row(file, kind, verdict, row)


def place_changes(h: Hostile) -> dict:
    r = h.random
    fields = {
        "rating": r.randrange(10, 51) / 10, "review_count": r.randrange(2000),
        "category": r.choice(CATEGORIES), "price_level": r.randrange(1, 5), "location": location(h),
        "business_hours": {"mon": ["11:00", "22:00"]}, "attributes": {"outdoor": True}, "name": "n",
    }
    names = [name for name in fields if h.chance(0.4)]
    return {name: None if h.chance(0.15) else fields[name] for name in names}


def write_updates(h: Hostile) -> None:
    """A third as many as events, in part about the present, in part days old, never late."""
    for base in base_times(h)[:: 3]:
        file = f"place-updates-{h.random.randrange(2)}"
        back = h.random.choice((0, 0, 0, 0, h.random.randrange(HOUR), h.random.randrange(10 * DAY)))
        ms = base - back
        place = h.random.choice(HOT_PLACES) if h.chance(0.4) else h.place()
        row = {"place_id": place, "timestamp": stamp(h, ms), "updates": place_changes(h)}
        h.row(file, "table row", "used", row)
        if h.chance(0.03):
            ok = {"place_id": 100, "timestamp": iso(ms), "updates": {"category": "broken"}}
            kind, verdict, row = h.random.choice(broken_updates(ok))
            h.row(file, kind, verdict, row)
        if h.chance(0.01):
            h.put(file, "table line", "invalid", h.random.choice(BROKEN_LINES))


def broken_updates(ok: dict) -> list[tuple[str, str, dict]]:
    changes = ok["updates"]
    kinds = [(f"update without {n}", "invalid", {k: v for k, v in ok.items() if k != n}) for n in ok]
    kinds += [(f"update of {v!r}", "invalid", ok | {"updates": v}) for v in (None, [], "x", 3)]
    wrong = {"rating": (0, 5.5, "4"), "review_count": ("many",), "category": (5,),
             "price_level": ("cheap",), "location": ({"lat": 1}, {"lat": 91, "lng": 0}, [1, 2])}
    for name, values in wrong.items():
        kinds += [(f"update {name}", "invalid", ok | {"updates": changes | {name: v}}) for v in values]
    kinds += [("update beyond 2^53", "invalid", ok | {"place_id": 2**53 + 1}),
              ("update without zone", "invalid", ok | {"timestamp": ok["timestamp"][:-1]}),
              ("update far ahead", "future", ok | {"timestamp": "2100-01-01T00:00:00Z"})]
    return kinds


def write_context(h: Hostile) -> None:
    for hour in range(0, SPAN // HOUR, 2):
        ms = START + hour * HOUR - h.random.choice((0, 0, 5 * HOUR))
        row = {"timestamp": stamp(h, ms), "weather": {"temp": round(h.random.gauss(10, 8), 1),
               "condition": "clear"}, "events": [], "traffic": {"congestion_level": h.random.random()}}
        for name in ("weather", "events", "traffic"):
            if h.chance(0.1):
                del row[name]
        h.row("context-0", "context row", "used", row)
        if h.chance(0.05):
            wrong = h.random.choice(({"timestamp": None}, {"weather": "wet"}, {"events": {}},
                                     {"traffic": {"congestion_level": "high"}}, {"timestamp": ms // 1000}))
            h.row("context-0", "broken context", "invalid", row | wrong)


def write_files(h: Hostile, directory: str, seed: int) -> dict[str, list[str]]:
    """The files (every second one gzipped, one without a last line feed) and the manifest."""
    os.makedirs(directory, exist_ok=True)
    inputs: dict[str, list[str]] = {}
    for number, (file, lines) in enumerate(sorted(h.lines.items())):
        data = b"".join(lines)
        if file == "interactions-0":
            data = data.rstrip(b"\r\n")
        path = os.path.join(directory, f"{file}.ndjson" + (".gz" if number % 2 else ""))
        with open(path, "wb") as out:
            out.write(gzip.compress(data, mtime=0) if number % 2 else data)
        inputs.setdefault(file.rsplit("-", 1)[0], []).append(path)
    made = {topic: Counter() for topic in inputs}
    for file, verdicts in h.made.items():
        made[file.rsplit("-", 1)[0]].update(verdicts)
    manifest = {"seed": seed, "now": iso(h.now), "made": made, "kinds": dict(sorted(h.kinds.items()))}
    with open(os.path.join(directory, "manifest.json"), "w", encoding="utf-8") as out:
        json.dump(manifest, out, indent=1, ensure_ascii=False)
    return inputs


def generate(seed: int, events: int, directory: str, edge: bool = False) -> dict[str, list[str]]:
    """Everything; returns the files by topic."""
    h = Hostile(seed, events, edge)
    write_events(h)
    write_updates(h)
    write_context(h)
    for kind, verdict, row in broken_rows(h, START + SPAN) if events >= 500 else ():
        h.row("interactions-1", kind, verdict, row)  # every kind at least once
    for line in BROKEN_LINES + (EDGE_LINES if edge else ()):
        h.put("interactions-2", f"line {line[:12]!r}", "invalid", line)
    if edge:
        h.put("interactions-2", "line of blanks", None, b"   ")
    return write_files(h, directory, seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--out", required=True, metavar="DIR")
    parser.add_argument("--edge", action="store_true", help="also what the pages leave open")
    arguments = parser.parse_args()
    inputs = generate(arguments.seed, arguments.events, arguments.out, arguments.edge)
    flags = " ".join(f"--input {topic}={path}" for topic, paths in inputs.items() for path in paths)
    print(f"weir replay --pipeline places {flags} --now {iso(START + SPAN)} --out OUTDIR")
    flags = " ".join(f"--{topic} {' '.join(paths)}" for topic, paths in inputs.items())
    print(f"python3 test/oracle/compare.py OUTDIR {flags} --now {iso(START + SPAN)}")


if __name__ == "__main__":
    main()
