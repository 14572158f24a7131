"""Reads what a run over Kafka left (test/faults/dump.ts) and judges which records its logs hold.

A log partition is read in offset order; a source record that is not above the mark of its source
partition came again and is dropped. What is left is the task's input, numbered from 0.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import records as rec

STAGES = ("place", "user")
REFUSED = "refused"
# Where used records of a topic go: to one partition by key, or to all of them.
ROUTES = {
    "interactions": {"user": "one", "place": "one"},
    "place-updates": {"user": "all", "place": "one"},
    "context": {"user": "all"},
}


def lines(directory: str, name: str) -> Iterator[dict]:
    path = os.path.join(directory, f"{name}.ndjson")
    if not os.path.exists(path):
        return
    with open(path, encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


@dataclass
class Report:
    """Differences by what they mean, the first of each kind in words."""

    counts: Counter = field(default_factory=Counter)
    first: list[str] = field(default_factory=list)
    kinds: Counter = field(default_factory=Counter)
    compared: Counter = field(default_factory=Counter)

    def tell(self, what: str, kind: str, where: object, expected: object, found: object) -> None:
        """`what` is lost, doubled or differing."""
        self.counts[what] += 1
        self.kinds[kind] += 1
        if self.kinds[kind] <= 3:
            self.first.append(f"{what}: {kind} at {where}: expected {expected!r}, found {found!r}")


@dataclass(slots=True)
class Taken:
    """A record of a task's log, as the task must take it."""

    topic: str
    partition: int
    offset: int
    time: int
    verdict: str
    raw: str

    @property
    def place(self) -> tuple[str, int, int]:
        return self.topic, self.partition, self.offset


class Dump:
    """The directory of a run: sources, logs, account and outputs."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        with open(os.path.join(directory, "run.json"), encoding="utf-8") as file:
            self.run = json.load(file)
        self.sources: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
        for row in lines(directory, "source"):
            self.sources[row["topic"], row["partition"]].append((row["offset"], row["value"]))
        self.judged = {
            place: rec.judge_lines(*place, ((at, text.encode()) for at, text in list_), self.run["now"])
            for place, list_ in self.sources.items()
        }
        self.again = 0
        self.logs = self._read_logs()

    def _read_logs(self) -> dict[tuple[str, int], list[Taken]]:
        logs: dict[tuple[str, int], list[Taken]] = defaultdict(list)
        marks: dict[tuple, int] = defaultdict(int)
        for frame in lines(self.directory, "log"):
            log = frame["stage"], frame["partition"]
            for topic, partition, offset, time, verdict, raw in frame["records"]:
                mark = (*log, topic, partition)
                if offset < marks[mark]:
                    self.again += 1
                    continue
                marks[mark] = offset + 1
                logs[log].append(Taken(topic, partition, offset, time, verdict, raw))
        return logs


def compare_logs(dump: Dump, report: Report) -> dict[tuple[str, int, int], str]:
    """Every source record in exactly the logs it belongs to; gives the verdicts that they hold."""
    texts = {(*place, at): text for place, list_ in dump.sources.items() for at, text in list_}
    verdicts: dict[tuple[str, int, int], str] = {}
    where: dict[tuple[str, int, int], dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for (stage, partition), taken in dump.logs.items():
        for record in taken:
            where[record.place][stage].append(partition)
            if texts.get(record.place) != record.raw:
                report.tell("differing", "log: text", record.place, texts.get(record.place), record.raw)
            known = verdicts.setdefault(record.place, record.verdict)
            if known != record.verdict:
                report.tell("doubled", "log: two verdicts", record.place, known, record.verdict)
            if (record.verdict == "used") != (stage != REFUSED):
                report.tell("differing", f"log {stage}: verdict", record.place, None, record.verdict)
    for place in texts.keys() | where.keys():
        report.compared["records"] += 1
        compare_places(report, dump.run["partitions"], place, verdicts.get(place), where[place])
    return verdicts


def compare_places(
    report: Report, partitions: int, place: tuple, verdict: str | None, found: dict[str, list[int]]
) -> None:
    routes = ROUTES[place[0]] if verdict in (None, "used") else {REFUSED: "one"}
    for stage in found.keys() | routes.keys():
        want = {"all": partitions, "one": 1}.get(routes.get(stage, ""), 0)
        have = len(found.get(stage, []))
        if have < want:
            report.tell("lost", f"log {stage}", place, f"{want} partitions", found.get(stage))
        if have > want:
            report.tell("doubled", f"log {stage}", place, f"{want} partitions", found[stage])


def compare_verdicts(
    dump: Dump, report: Report, verdicts: dict[tuple[str, int, int], str]
) -> dict[tuple[str, int], Counter]:
    """The logs' verdicts are the judgement of the input; gives their counts by source partition.

    Where a clock jumped, whether a record lies ahead of it is not known from outside."""
    counts: dict[tuple[str, int], Counter] = {}
    for place, list_ in dump.judged.items():
        counts[place] = Counter(verdicts.get((*place, r.offset), "none") for r in list_)
        if dump.run["clockJumped"]:
            continue
        for record in list_:
            found = verdicts.get((*place, record.offset))
            if found is not None and found != record.verdict:
                at = (*place, record.offset)
                report.tell("differing", "log: judgement", at, record.verdict, found)
    return counts


def compare_account(dump: Dump, report: Report, counts: dict[tuple[str, int], Counter]) -> None:
    """What ingest committed: as far as the source's end, each record counted once."""
    committed = {(row["topic"], row["partition"]): row for row in lines(dump.directory, "account")}
    for place, list_ in dump.sources.items():
        report.compared["accounts"] += 1
        row = committed.get(place)
        end = list_[-1][0] + 1
        if row is None or row["offset"] != end:
            report.tell("lost", "account: offset", place, end, row and row["offset"])
            continue
        for verdict in row["counts"].keys() | counts[place].keys():
            want, have = counts[place][verdict], row["counts"].get(verdict, 0)
            what = "lost" if have < want else "doubled"
            if have != want:
                report.tell(what, f"account: {verdict}", place, want, have)
        if sum(row["counts"].values()) != len(dump.judged[place]):
            report.tell("differing", "account: sum", place, len(list_), row["counts"])
