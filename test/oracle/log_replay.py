"""Compares what a run over Kafka left in its outputs with a naive recomputation over its own logs.

DIR is what test/faults/dump.ts wrote. Every vector is computed over the list of all earlier events of its
key in the order of its log partition. Prints one JSON object: lost, doubled, differing, and the first
differences in words; exit 0 where there are none, 1 where there are some.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import records as rec
from compare import Findings, compare_features
from log_dump import STAGES, Dump, Report, Taken, compare_account, compare_logs, compare_verdicts, lines
from recompute import FEATURES, VIEW_WINDOWS, History, PlaceTable, valid_until
from records import Event, PlaceUpdate, iso

TOLERANCE = 1e-9


@dataclass(slots=True)
class Evaluation:
    """A latest vector that an output holds: to be recomputed at its position and instant."""

    where: str
    key: str
    n: int
    as_of: int
    features: dict
    valid_until: int | None


class Task:
    """One log partition of a view's stage, recomputed record by record."""

    def __init__(self, view: str, log: list[Taken]) -> None:
        self.view = view
        self.log = log
        self.table = PlaceTable()
        self.histories: dict[str, History] = {}
        self.last: dict[str, int] = {}  # by key: n of its last record, own table updates included

    def vectors(self) -> Iterator[tuple[int, Taken, str, int, dict]]:
        """(n, record, key, as_of, features) before each event; `None` features after n records else."""
        for n, record in enumerate(self.log):
            yield from self._take(n, record)

    def _take(self, n: int, record: Taken) -> Iterator[tuple[int, Taken, str, int, dict]]:
        time, value = rec.decode(record.topic, record.raw.encode())
        if isinstance(value, PlaceUpdate):
            self.table.add(time, n, value)
            if self.view == "place" and value.place in self.histories:
                self.last[value.place] = n
        if not isinstance(value, Event):
            return
        row = self.table.as_of(value.place, time)
        if self.view == "user":
            location = value.location or row.get("location")
            key = value.user
            columns = (value.event_type, value.rating, value.place, row.get("category"), location)
        else:
            key = value.place
            columns = (value.event_type, value.rating, value.user, None, None)
        history = self.histories.setdefault(key, History())
        as_of = max(time, history.times[-1]) if history.times else time
        yield n, record, key, as_of, FEATURES[self.view](history, as_of, row)
        history.add(time, key, columns)
        self.last[key] = n

    def latest(self, key: str, as_of: int) -> tuple[dict, int | None] | None:
        """Features and `valid_until` of a key with all its records so far; None where it has none."""
        history = self.histories.get(key)
        if history is None or as_of < history.times[-1]:
            return None
        row = self.table.as_of(key, as_of) if self.view == "place" else {}
        until = valid_until(history, as_of, VIEW_WINDOWS[self.view])
        return FEATURES[self.view](history, as_of, row), until


class Replay:
    """Recomputes the logs once, comparing rows as they come and latest vectors at their positions."""

    def __init__(self, dump: Dump, report: Report) -> None:
        self.dump = dump
        self.report = report
        self.findings = Findings(TOLERANCE, 20)
        self.home: dict[tuple[str, str], Task] = {}  # by view and key

    def run(self) -> None:
        partitions = self.dump.run["partitions"]
        tasks = {
            (view, p): Task(view, self.dump.logs.get((view, p), []))
            for view in STAGES for p in range(partitions)
        }
        keys = self._keys_of(tasks)
        redis = list(redis_rows(self.dump))
        updates = list(update_rows(self.dump))
        wanted: dict[tuple[str, int], list[Evaluation]] = defaultdict(list)
        for view, one in redis + updates:
            partition = keys.get((view, one.key))
            if partition is None:
                self.report.tell("doubled", f"{one.where} of no event", one.key, None, one.n)
            else:
                wanted[view, partition].append(one)
        rows = {view: self._rows(view) for view in STAGES}
        for place, task in tasks.items():
            self._task(task, sorted(wanted[place], key=lambda one: one.n), rows[task.view])
        for view, left in rows.items():
            for place in left or ():
                self.report.tell("doubled", f"vectors_{view}: row of no event", place, None, "a row")
        for view, partition in ((v, p) for v in STAGES for p in range(partitions)):
            for key in tasks[view, partition].last:
                self.home[view, key] = tasks[view, partition]
        if self.dump.run["redis"]:
            self._complete("Redis", redis)
        if self.dump.run["updates"]:
            self._complete("feature-updates", updates)

    def _keys_of(self, tasks: dict[tuple[str, int], Task]) -> dict[tuple[str, str], int]:
        keys: dict[tuple[str, str], int] = {}
        for (view, partition), task in tasks.items():
            for record in task.log:
                if record.topic != "interactions":
                    continue
                value = rec.decode(record.topic, record.raw.encode())[1]
                key = value.user if view == "user" else value.place
                known = keys.setdefault((view, key), partition)
                if known != partition:
                    self.report.tell("differing", "log: a key in two partitions", key, known, partition)
        return keys

    def _rows(self, view: str) -> dict[tuple, dict] | None:
        """ClickHouse's vectors by the event's coordinates; None where there is no ClickHouse."""
        if not self.dump.run["clickhouse"]:
            return None
        rows: dict[tuple, dict] = {}
        for row in lines(self.dump.directory, f"clickhouse-vectors_{view}"):
            place = row["topic"], row["partition"], row["offset"]
            if place in rows:
                self.report.tell("doubled", f"vectors_{view}: row", place, "one row", "two")
            rows[place] = row
        return rows

    def _task(self, task: Task, wanted: list[Evaluation], rows: dict[tuple, dict] | None) -> None:
        pending = iter(wanted)
        one = next(pending, None)
        for n, record in enumerate(task.log):
            while one is not None and one.n <= n:
                self._latest(task, one)
                one = next(pending, None)
            for vector in task._take(n, record):
                if rows is not None:
                    self._vector(task.view, *vector, rows)
        while one is not None:
            self._latest(task, one)
            if one.n > len(task.log):
                self.report.tell("differing", f"{one.where}: n", one.key, len(task.log), one.n)
            one = next(pending, None)

    def _vector(
        self, view: str, n: int, record: Taken, key: str, as_of: int, want: dict, rows: dict[tuple, dict]
    ) -> None:
        self.report.compared[f"vectors_{view}"] += 1
        row = rows.pop(record.place, None)
        if row is None:
            self.report.tell("lost", f"vectors_{view}: row", record.place, "a row", None)
            return
        fixed = {"key": key, "position": n, "time": iso(record.time), "as_of": iso(as_of)}
        for name, value in fixed.items():
            if row[name] != value:
                self.report.tell("differing", f"vectors_{view} {name}", record.place, value, row[name])
        features = {name: row.get(name) for name in want}
        compare_features(self.findings, f"vectors {view}", str(record.place), want, features)

    def _latest(self, task: Task, one: Evaluation) -> None:
        self.report.compared[one.where] += 1
        found = task.latest(one.key, one.as_of)
        where = f"{task.view} {one.key} n {one.n} as of {iso(one.as_of)}"
        if found is None:
            self.report.tell("differing", f"{one.where}: as_of before the key's events", where, None, "")
            return
        want, until = found
        compare_features(self.findings, f"{one.where} {task.view}", where, want, one.features)
        if until != one.valid_until:
            self.report.tell("differing", f"{one.where}: valid_until", where, until, one.valid_until)

    def _complete(self, name: str, found: list[tuple[str, Evaluation]]) -> None:
        """The newest of each key holds all of its records."""
        newest: dict[tuple[str, str], int] = {}
        for view, one in found:
            newest[view, one.key] = max(newest.get((view, one.key), -1), one.n)
        for (view, key), task in self.home.items():
            n = newest.get((view, key))
            if n is None or n <= task.last[key]:
                self.report.tell("lost", f"{name}: {view}", key, f"n above {task.last[key]}", n)


def redis_rows(dump: Dump) -> Iterator[tuple[str, Evaluation]]:
    for row in lines(dump.directory, "redis"):
        fields = {name: json.loads(text) for name, text in row["fields"].items()}
        yield row["view"], Evaluation(
            "Redis", row["key"], fields["position"][1], fields["as_of_ms"], fields["features"],
            fields["valid_until_ms"],
        )


def update_rows(dump: Dump) -> Iterator[tuple[str, Evaluation]]:
    """Repeats of one position and instant are compared once, if they are equal."""
    seen: set[str] = set()
    for row in lines(dump.directory, "updates"):
        text = row["value"]
        if text in seen:
            continue
        seen.add(text)
        value = json.loads(text)
        until = value["valid_until"]
        yield value["view"], Evaluation(
            "feature-updates", value["key"], value["position"]["n"], rec.parse_time(value["as_of"]),
            value["features"], None if until is None else rec.parse_time(until),
        )


def compare_events(dump: Dump, report: Report, verdicts: dict[tuple[str, int, int], str]) -> None:
    """ClickHouse's events: the used records, one row each."""
    texts = {(*place, at): text for place, list_ in dump.sources.items() for at, text in list_}
    for topic in rec.TOPICS:
        table = f"clickhouse-events_{topic.replace('-', '_')}"
        want = {place for place, verdict in verdicts.items() if place[0] == topic and verdict == "used"}
        for row in lines(dump.directory, table):
            place = row["topic"], row["partition"], row["offset"]
            report.compared["events"] += 1
            if place not in want:
                report.tell("doubled", f"{table}: row", place, "none or one", "a row")
            want.discard(place)
            if row["raw"] != texts.get(place):
                report.tell("differing", f"{table}: raw", place, texts.get(place), row["raw"])
        for place in want:
            report.tell("lost", f"{table}: row", place, "a row", None)


def compare_letters(
    dump: Dump, report: Report, verdicts: dict[tuple[str, int, int], str], name: str, once: bool
) -> None:
    """Each refused record as a dead letter; more than once only where that is what is promised."""
    texts = {(*place, at): text for place, list_ in dump.sources.items() for at, text in list_}
    want = {place for place, verdict in verdicts.items() if verdict not in ("used", "duplicate")}
    found = set()
    for row in lines(dump.directory, name):
        letter = json.loads(row["value"]) if "value" in row else row
        place = letter["topic"], letter["partition"], letter["offset"]
        report.compared[name] += 1
        if place not in want or (once and place in found):
            report.tell("doubled", f"{name}: letter", place, None, letter["reason"])
        found.add(place)
        if (letter["reason"], letter["raw"]) != (verdicts.get(place), texts.get(place)):
            report.tell("differing", f"{name}: letter", place, verdicts.get(place), letter["reason"])
    for place in want - found:
        report.tell("lost", f"{name}: letter", place, verdicts[place], None)


def compare_scores(dump: Dump, report: Report, verdicts: dict[tuple[str, int, int], str]) -> None:
    """One score for each used view and click, the first told of it; ClickHouse has that one."""
    want = set()
    for (topic, partition), list_ in dump.sources.items():
        for at, text in list_ if topic == "interactions" else ():
            used = verdicts.get((topic, partition, at)) == "used"
            if used and json.loads(text)["event_type"] in ("view", "click"):
                want.add(f"{topic}/{partition}/{at}")
    first: dict[str, dict] = {}
    told = ((row["partition"], row["offset"], row["value"]) for row in lines(dump.directory, "scores"))
    for _, _, value in sorted(told):
        score = json.loads(value)
        report.compared["scores"] += 1
        known = first.setdefault(score["request_id"], score)
        if known["position"] != score["position"]:
            place = score["request_id"]
            report.tell("doubled", "scores: positions", place, known["position"], score["position"])
    for request in want - first.keys():
        report.tell("lost", "scores: score", request, "a score", None)
    for request in first.keys() - want:
        report.tell("doubled", "scores: score of no event to be scored", request, None, "a score")
    for row in lines(dump.directory, "clickhouse-scores"):
        request = row["request_id"]
        score = first.pop(request, None)
        if score is None:
            report.tell("doubled", "ClickHouse scores: row", request, "none or one", "a row")
        elif (row["score"], row["position"]) != (score["score"], score["position"]["n"]):
            report.tell("differing", "ClickHouse scores: score", request, score["score"], row["score"])
    for request in first:
        report.tell("lost", "ClickHouse scores: row", request, "a row", None)


def compare_once(dump: Dump, report: Report, name: str) -> None:
    """Exactly once for who reads what is committed: no record twice."""
    seen: set[str] = set()
    for row in lines(dump.directory, name):
        report.compared[name] += 1
        if row["value"] in seen:
            report.tell("doubled", name, row["offset"], "once", row["value"])
        seen.add(row["value"])


def compare(directory: str) -> dict:
    dump = Dump(directory)
    report = Report()
    verdicts = compare_logs(dump, report)
    compare_account(dump, report, compare_verdicts(dump, report, verdicts))
    replay = Replay(dump, report)
    replay.run()
    if dump.run["clickhouse"]:
        compare_events(dump, report, verdicts)
        compare_letters(dump, report, verdicts, "clickhouse-dead_letters", once=True)
    if dump.run["letters"]:
        compare_letters(dump, report, verdicts, "letters", once=False)
    compare_scores(dump, report, verdicts)
    for name in ("drift-alerts", "retraining-events"):
        compare_once(dump, report, name)
    features = replay.findings.kinds.total()
    return {
        "lost": report.counts["lost"], "doubled": report.counts["doubled"],
        "differing": report.counts["differing"] + features, "again": dump.again,
        "compared": dict(report.compared), "first": report.first + replay.findings.first,
    }


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: log_replay.py DIR", file=sys.stderr)
        return 2
    result = compare(sys.argv[1])
    print(json.dumps(result, indent=2))
    return 1 if result["lost"] or result["doubled"] or result["differing"] else 0


if __name__ == "__main__":
    sys.exit(main())
