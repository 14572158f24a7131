"""Compares the output directory of `weir replay --pipeline places` with the naive recomputation.

Every line of vectors.ndjson, latest.ndjson, dead-letters.ndjson and accounts.json, both ways. Prints a
table per feature and the first differences; exit 0 equal, 1 different, 2 wrong use.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import records as rec
from recompute import Recomputation
from records import iso

EXACT_VISITORS = 1_000  # `unique_visitors` is exact so far, then a sketch within 2 % (REQUIREMENTS §2)
SKETCH_ERROR = 0.02
OUTCOMES = ("equal", "mismatch", "missing", "extra")


class Findings:
    """Counts per feature and the differences in words, the first few of them kept."""

    def __init__(self, tolerance: float, show: int) -> None:
        self.tolerance = tolerance
        self.show = show
        self.features: dict[str, Counter] = {}
        self.kinds: Counter = Counter()
        self.first: list[str] = []
        self.lines: Counter = Counter()

    def differs(self, kind: str, where: str, expected: object, found: object) -> None:
        self.kinds[kind] += 1
        # A few of each kind, so that one broken feature does not hide the others.
        if self.kinds[kind] <= 3 and len(self.first) < self.show:
            self.first.append(f"{kind} at {where}: expected {expected!r}, found {found!r}")


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def equal(expected: object, found: object, tolerance: float) -> bool:
    """Numbers within the tolerance, relative or absolute; everything else exactly."""
    if is_number(expected) and is_number(found):
        # Relative to the expected value alone: a found infinity would be within a share of itself.
        return abs(expected - found) <= tolerance * max(1, abs(expected))
    if isinstance(expected, list) and isinstance(found, list):
        pairs = zip(expected, found)
        return len(expected) == len(found) and all(equal(a, b, tolerance) for a, b in pairs)
    return type(expected) is type(found) and expected == found


def same_form(expected: object, found: object) -> bool:
    """Keys as they came (DESIGN §8): 12 is not "12" on paper, though the same key."""
    return type(expected) is type(found) and expected == found


def compare_features(findings: Findings, view: str, where: str, expected: dict, found: object) -> None:
    """Absent means null (DESIGN §8): missing is a null for a value, extra a value for a null."""
    if not isinstance(found, dict):
        findings.differs("features is no object", where, "an object", found)
        return
    for name in expected.keys() | found.keys():
        want, have = expected.get(name), found.get(name)
        tolerance = findings.tolerance
        if name == "unique_visitors" and want is not None and want > EXACT_VISITORS:
            tolerance = SKETCH_ERROR
        if name not in expected:
            outcome = "extra"  # no feature of this view, even if null
        elif want is None and have is None or equal(want, have, tolerance):
            outcome = "equal"
        else:
            outcome = "missing" if have is None else "extra" if want is None else "mismatch"
        feature = f"{view}.{name}"
        findings.features.setdefault(feature, Counter())[outcome] += 1
        if outcome != "equal":
            findings.differs(f"{outcome} {feature}", where, want, have)


def compare_fields(findings: Findings, file: str, where: str, expected: dict, found: dict) -> None:
    """All but the features and what cannot be known (position, detail); shapes as DESIGN §8 has them."""
    if expected.keys() != found.keys():
        findings.differs(f"{file} fields", where, list(expected), list(found))
    for name in expected.keys() - {"features", "position", "detail"}:
        want, have = expected[name], found.get(name)
        if not same_form(want, have):
            findings.differs(f"{file} {name}", where, want, have)


def read_lines(findings: Findings, path: str) -> Iterator[tuple[str, dict]]:
    """Each parsed line with its place; a missing file or a line that is no object is a difference."""
    name = os.path.basename(path)
    if not os.path.exists(path):
        findings.differs("missing file", name, "a file", None)
        return
    with open(path, "rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n"):
                findings.differs("cut line", f"{name}:{number}", "a line feed at its end", None)
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if isinstance(row, dict):
                yield f"{name}:{number}", row
            else:
                findings.differs("no JSON object", f"{name}:{number}", "an object", line[:80])


def match_lines(
    findings: Findings,
    file: str,
    identity: Callable[[dict], tuple],
    expected: Iterable[dict],
    found: Iterable[tuple[str, dict]],
) -> Iterator[tuple[str, dict, dict]]:
    """Pairs of lines of one identity. In order they meet at once; out of order each waits for its
    partner and the order is reported; what never meets is a missing, an extra or a repeated line."""
    waiting: dict[tuple, dict] = {}
    strays: dict[tuple, tuple[str, dict]] = {}
    expecting, finding = iter(expected), iter(found)
    while True:
        want, have = next(expecting, None), next(finding, None)
        if want is None and have is None:
            break
        if want is not None and have is not None and identity(want) == identity(have[1]):
            yield have[0], want, have[1]
            continue
        if want is not None:
            stray = strays.pop(identity(want), None)
            if stray is None:
                waiting[identity(want)] = want
            else:
                findings.differs(f"{file} order", stray[0], "another place", identity(want))
                yield stray[0], want, stray[1]
        if have is not None:
            partner = waiting.pop(identity(have[1]), None)
            if partner is not None:
                findings.differs(f"{file} order", have[0], "another place", identity(have[1]))
                yield have[0], partner, have[1]
            elif identity(have[1]) in strays:
                findings.differs(f"{file} repeated line", have[0], None, identity(have[1]))
            else:
                strays[identity(have[1])] = have
    for missing in waiting:
        findings.differs(f"{file} missing line", file, missing, None)
    for where, row in strays.values():
        findings.differs(f"{file} extra line", where, None, identity(row))


def hashable(value: object) -> object:
    return json.dumps(value) if isinstance(value, (list, dict)) else value


def vector_identity(row: dict) -> tuple:
    return tuple(hashable(row.get(name)) for name in ("view", "topic", "partition", "offset"))


def latest_identity(row: dict) -> tuple:
    """A key's identity is its text (REQUIREMENTS §1)."""
    return hashable(row.get("view")), str(row.get("key"))


def letter_identity(row: dict) -> tuple:
    return tuple(hashable(row.get(name)) for name in ("topic", "partition", "offset"))


class PositionCheck:
    """[epoch, n] must rise strictly for each key of each view in the order of the file (DESIGN §1: n
    counts the data records of one task; which task has a key cannot be known from outside)."""

    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.last: dict[tuple, list] = {}

    def see(self, where: str, row: dict) -> None:
        position = row.get("position")
        if not (isinstance(position, list) and len(position) == 2
                and all(type(part) is int and part >= 0 for part in position)):
            self.findings.differs("vectors position", where, "[epoch, n]", position)
            return
        before = self.last.get(latest_identity(row))
        if before is not None and position <= before:
            self.findings.differs("vectors position", where, f"above {before}", position)
        self.last[latest_identity(row)] = position


def compare_vectors(findings: Findings, run: Recomputation, directory: str) -> None:
    positions = PositionCheck(findings)

    def found() -> Iterator[tuple[str, dict]]:
        for where, row in read_lines(findings, os.path.join(directory, "vectors.ndjson")):
            positions.see(where, row)
            yield where, row

    for where, want, have in match_lines(
        findings, "vectors", vector_identity, run.vectors(), found()
    ):
        findings.lines["vectors"] += 1
        compare_fields(findings, "vectors", where, want, have)
        compare_features(findings, want["view"], where, want["features"], have.get("features"))


def compare_latest(findings: Findings, run: Recomputation, directory: str) -> None:
    found = read_lines(findings, os.path.join(directory, "latest.ndjson"))
    for where, want, have in match_lines(
        findings, "latest", latest_identity, run.latest(), found
    ):
        findings.lines["latest"] += 1
        # An entity whose key came both as 12 and as "12": any form that came will do.
        forms = run.histories[want["view"]][str(want["key"])].forms
        if any(same_form(form, have.get("key")) for form in forms):
            want["key"] = have["key"]
        compare_fields(findings, "latest", where, want, have)
        compare_features(
            findings, f"latest {want['view']}", where, want["features"], have.get("features")
        )


def compare_dead_letters(findings: Findings, run: Recomputation, directory: str) -> None:
    """In ingest order, though DESIGN §8 gives no order for them: the order is reported apart."""
    path = os.path.join(directory, "dead-letters.ndjson")
    letters = run.dead_letters()
    if not letters and not os.path.exists(path):
        return
    found = read_lines(findings, path)
    for where, want, have in match_lines(findings, "dead-letters", letter_identity, letters, found):
        findings.lines["dead-letters"] += 1
        if isinstance(have.get("raw"), str):
            have["raw"] = have["raw"].removesuffix("\r")  # the CR may count to the line or its end
        compare_fields(findings, "dead-letters", where, want, have)
        if not (isinstance(have.get("detail"), str) and have["detail"]):
            findings.differs("dead-letters detail", where, "a text", have.get("detail"))


def compare_accounts(findings: Findings, run: Recomputation, directory: str) -> None:
    """Six integers per topic and nothing else (DESIGN §8), and they balance (§2)."""
    path = os.path.join(directory, "accounts.json")
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError) as error:
        findings.differs("accounts", "accounts.json", "a JSON file", str(error))
        return
    expected = run.accounts()
    if not isinstance(found, dict):
        findings.differs("accounts", "accounts.json", expected, found)
        return
    for topic in sorted(expected.keys() | found.keys()):
        findings.lines["accounts"] += 1
        want, have = expected.get(topic), found.get(topic)
        if not isinstance(have, dict) or want != have or any(type(n) is not int for n in have.values()):
            findings.differs("accounts", topic, want, have)
        elif have["in"] != sum(n for name, n in have.items() if name != "in"):
            findings.differs("accounts balance", topic, have["in"], have)


def compare(run: Recomputation, directory: str, tolerance: float, show: int = 20) -> Findings:
    """The whole comparison. Vectors go first: `latest` is evaluated on what they leave behind."""
    findings = Findings(tolerance, show)
    compare_vectors(findings, run, directory)
    compare_latest(findings, run, directory)
    compare_dead_letters(findings, run, directory)
    compare_accounts(findings, run, directory)
    return findings


def print_findings(findings: Findings) -> None:
    width = max((len(name) for name in findings.features), default=10)
    print(f"{'feature':<{width}}" + "".join(f"{outcome:>10}" for outcome in OUTCOMES))
    for name, counts in sorted(findings.features.items()):
        print(f"{name:<{width}}" + "".join(f"{counts[outcome]:>10}" for outcome in OUTCOMES))
    print("compared: " + ", ".join(f"{n} {file}" for file, n in findings.lines.items()))
    if not findings.kinds:
        print("no difference")
        return
    print(f"{findings.kinds.total()} differences:")
    for kind, n in findings.kinds.most_common():
        print(f"  {n:>8}  {kind}")
    print("first ones:")
    for text in findings.first:
        print(f"  {text}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("outdir", nargs="?", metavar="OUTDIR", help="what weir replay wrote")
    rec.add_input_arguments(parser)
    parser.add_argument("--tolerance", type=float, default=1e-9, help="relative or absolute")
    parser.add_argument("--show", type=int, default=20, help="how many differences to print")
    parser.add_argument("--self-test", action="store_true", help="prove that the checker can fail")
    arguments = parser.parse_args()
    if arguments.self_test:
        from selftest import self_test

        return self_test()
    inputs = rec.inputs_of(arguments)
    if arguments.outdir is None or "interactions" not in inputs:
        parser.error("OUTDIR and --interactions are needed")
    now = rec.now_ms(arguments.now)
    print(f"now {iso(now)}", file=sys.stderr)
    findings = compare(Recomputation(inputs, now), arguments.outdir, arguments.tolerance, arguments.show)
    print_findings(findings)
    return 1 if findings.kinds else 0


if __name__ == "__main__":
    sys.exit(main())
