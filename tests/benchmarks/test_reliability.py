import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.reliability import KINDS, ROOT, joined, main, read_rows

JUNIT = """<testsuites><testsuite>
<testcase name="test_truncated_files[a]"><properties>
<property name="reliability" value="bad input"/><property name="tried" value="200"/>
<property name="outcome" value="set aside | refused"/></properties></testcase>
<testcase name="test_a_full_disk"><properties><property name="reliability" value="fault"/>
<property name="tried" value="3"/></properties><failure message="no"/></testcase>
<testcase name="test_other"/>
<testcase name="test_locked"><properties><property name="reliability" value="fault"/></properties>
<skipped message="no rights"/></testcase>
</testsuite></testsuites>"""


def test_counts_by_kind_and_a_failure_counts_as_not_held(tmp_path: Path) -> None:
    junit, page = tmp_path / "junit.xml", tmp_path / "page.md"
    junit.write_text(JUNIT)
    assert main(["--junit", str(junit), "--output", str(page)]) == 1
    text = page.read_text()
    assert "| bad inputs tried | 200 | 200 |" in text
    assert "| faults survived | 3 | 0 |" in text
    assert "| bad input | truncated files (a) | 200 | 200 | set aside \\| refused |" in text
    figures = json.loads(page.with_suffix(".json").read_text())
    assert figures["counts"]["fault"] == {"tried": 3, "held": 0}
    outcomes = [row["outcome"] for row in figures["tests"][1:]]
    assert outcomes == ["FAILED", "not tried: no rights"]


def test_rows_that_differ_in_their_counts_alone_are_one() -> None:
    row = {"kind": "fault", "what": "a full disk", "outcome": "went on"}
    others = [{**row, "tried": 1, "held": 1}, {**row, "outcome": "waited", "tried": 1, "held": 1}]
    assert joined([{**row, "tried": 3, "held": 2}, *others]) == [
        {**row, "tried": 3 + 1, "held": 2 + 1},
        others[1],
    ]


def test_each_tally_keeps_its_row(tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    first, _, after = JUNIT.partition('<testcase name="test_a_full_disk">')
    again = first.partition("<testsuite>")[2].replace("[a]", "[b]")
    junit.write_text(f'{first}{again}<testcase name="test_a_full_disk">{after}')
    found = [(row["what"], row["tried"]) for row in joined(read_rows(junit))]
    assert found[:2] == [("truncated files (a)", 200), ("truncated files (b)", 200)]


def test_no_results_are_told_and_write_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    absent, page = tmp_path / "junit.xml", tmp_path / "page.md"
    assert main(["--junit", str(absent), "--output", str(page)]) == 1
    assert "expected pytest's results, found none" in capsys.readouterr().err
    assert not page.exists()


def test_a_cell_is_one_short_line_without_folders_of_this_machine(tmp_path: Path) -> None:
    junit, page = tmp_path / "junit.xml", tmp_path / "page.md"
    told = "found '/tmp/pytest-of-me/pytest-7/test_it0/a.csv'&#10;  and test_it0/" + "x" * 400
    junit.write_text(JUNIT.replace("set aside | refused", told))
    main(["--junit", str(junit), "--output", str(page)])
    (line,) = [line for line in page.read_text().splitlines() if "truncated files" in line]
    assert line.endswith(" | found 'a.csv' and ... |")
    (row, *_) = json.loads(page.with_suffix(".json").read_text())["tests"]
    assert row["outcome"] == f"found 'a.csv'\n  and {'x' * 400}"


def test_all_that_held(tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    junit.write_text(JUNIT.replace('<failure message="no"/>', ""))
    assert main(["--junit", str(junit), "--output", str(tmp_path / "page.md")]) == 0


def test_each_marked_test_tells_what_it_tried_and_how_that_ended() -> None:
    """Else it would count as one trial without an outcome."""
    silent = [
        f"{path.name}: {test.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        if "mark.reliability(" in path.read_text()
        for test in marked_tests(ast.parse(path.read_text()))
        if "record_property" not in {argument.arg for argument in test.args.args}
    ]
    assert silent == []


def marked_tests(module: ast.Module) -> Iterator[ast.FunctionDef]:
    whole = any(map(is_marked, (one for one in module.body if isinstance(one, ast.Assign))))
    for one in module.body:
        if not (isinstance(one, ast.FunctionDef) and one.name.startswith("test_")):
            continue
        if whole or any(map(is_marked, one.decorator_list)):
            yield one


def is_marked(code: ast.AST) -> bool:
    return "mark.reliability(" in ast.unparse(code)


def test_every_kind_that_a_test_is_marked_with_is_counted() -> None:
    marks = re.compile(r'mark\.reliability\("([^"]+)"\)')
    tests = (ROOT / "tests").rglob("test_*.py")
    assert {kind for path in tests for kind in marks.findall(path.read_text())} == set(KINDS)
