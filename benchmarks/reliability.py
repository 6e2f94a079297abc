"""`make reliability`: what was tried, and whether it held, as a table and JSON."""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import textwrap
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from data.files import local_path

ROOT = Path(__file__).parents[1]
KINDS = {
    "bad input": "bad inputs tried",
    "bad definition": "bad definitions tried",
    "drift": "changed logs noticed",
    "fault": "faults survived",
    "gate": "gates that held",
}
# Folders that pytest makes for a test, which another machine calls otherwise.
_TEMPORARY = re.compile(r"/[^\s'\"]*pytest-of-[^/]+/pytest-\d+/[^/]+/|\btest_\w*\d/")
# Characters of a cell; the JSON has all.
_LONGEST = 200

_HEAD = """# Reliability

`make reliability` runs the tests that are marked for it and writes this page and
`docs/reliability.json`. *Held* is what ended as the last column says, with nothing lost.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the tests and writes the page.

    Args:
        arguments: the command line; that of the process by default.

    Returns:
        0 when all held, 1 otherwise.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--junit", type=local_path, help="results of tests that were run already")
    parser.add_argument("--output", type=local_path, default=ROOT / "docs" / "reliability.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        junit = options.junit or Path(folder) / "junit.xml"
        if not options.junit:
            command = ["-m", "pytest", "-m", "reliability", "-n", "0", f"--junitxml={junit}"]
            subprocess.run([sys.executable, *command], cwd=ROOT, check=False)
        if not junit.is_file():
            print(f"{junit}: expected pytest's results, found none", file=sys.stderr)
            return 1
        rows = joined(read_rows(junit))
    options.output.write_text(table(rows))
    figures = {"counts": counts(rows), "tests": rows}
    options.output.with_suffix(".json").write_text(json.dumps(figures, indent=2) + "\n")
    return int(not rows or any(row["tried"] != row["held"] for row in rows))


def read_rows(junit: Path) -> Iterator[dict[str, Any]]:
    """Reads the marked tests off JUnit's XML, which this machine's pytest wrote.

    Args:
        junit: the file.

    Yields:
        A row a test: `kind`, `what`, `tried`, `held`, `outcome`; a skipped one has tried nothing.
    """
    for case in ElementTree.parse(junit).iter("testcase"):
        found = {one.get("name", ""): one.get("value", "") for one in case.iter("property")}
        if "reliability" not in found:
            continue
        name, _, parameters = case.get("name", "").rstrip("]").partition("[")
        name = name.removeprefix("test_").replace("_", " ")
        skipped = case.find("skipped")
        failed = case.find("failure") is not None or case.find("error") is not None
        tried = 0 if skipped is not None else int(found.get("tried", 1))
        if parameters and tried > 1:
            # Its outcome counts its own trials: it must not be joined with the others'.
            name = f"{name} ({parameters})"
        outcome = _TEMPORARY.sub("", found.get("outcome", ""))
        if skipped is not None:
            outcome = f"not tried: {skipped.get('message', '')}"
        yield {
            "kind": found["reliability"],
            "what": found.get("what", name),
            "tried": tried,
            "held": 0 if failed else tried,
            "outcome": f"FAILED {outcome}".strip() if failed else outcome,
        }


def joined(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that differ in their counts alone become one.

    Args:
        rows: of `read_rows`.

    Returns:
        The rows, in the order in which each came first.
    """
    found: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in rows:
        first = found.setdefault((row["kind"], row["what"], row["outcome"]), row)
        if first is not row:
            first["tried"] += row["tried"]
            first["held"] += row["held"]
    return list(found.values())


def counts(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Sums of `tried` and `held` by kind.

    Args:
        rows: of `read_rows`.

    Returns:
        The two by kind, in the order of `KINDS`.
    """
    by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in KINDS}
    return {
        kind: {name: sum(row[name] for row in of_kind) for name in ("tried", "held")}
        for kind, of_kind in by_kind.items()
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """The page.

    Args:
        rows: of `read_rows`.

    Returns:
        Markdown: the counts by kind, then every test.
    """
    lines = [_HEAD, "| | tried | held |", "|---|---:|---:|"]
    for kind, count in counts(rows).items():
        lines.append(f"| {KINDS[kind]} | {count['tried']:,} | {count['held']:,} |")
    lines += ["", "| kind | what | tried | held | how it ended |", "|---|---|---:|---:|---|"]
    for row in sorted(rows, key=lambda row: list(KINDS).index(row["kind"])):
        cells = [row["kind"], row["what"], f"{row['tried']:,}", f"{row['held']:,}", row["outcome"]]
        lines.append("| " + " | ".join(map(_cell, cells)) + " |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return textwrap.shorten(text, _LONGEST, placeholder=" ...").replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
