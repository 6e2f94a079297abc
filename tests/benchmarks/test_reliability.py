import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

from benchmarks.reliability import KINDS, ROOT, main

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
    assert "| bad input | truncated files | 200 | 200 | set aside \\| refused |" in text
    rows = json.loads(page.with_suffix(".json").read_text())
    assert [row["outcome"] for row in rows[1:]] == ["FAILED", "not tried: no rights"]


def test_a_cell_is_one_short_line_without_folders_of_this_machine(tmp_path: Path) -> None:
    junit, page = tmp_path / "junit.xml", tmp_path / "page.md"
    told = "found '/tmp/pytest-of-me/pytest-7/test_it0/a.csv'&#10;  and " + "x" * 400
    junit.write_text(JUNIT.replace("set aside | refused", told))
    main(["--junit", str(junit), "--output", str(page)])
    (line,) = [line for line in page.read_text().splitlines() if "truncated files" in line]
    assert line.endswith(" | found 'a.csv' and ... |")
    (row, *_) = json.loads(page.with_suffix(".json").read_text())
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
