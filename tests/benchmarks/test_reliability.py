import json
import re
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


def test_all_that_held(tmp_path: Path) -> None:
    junit = tmp_path / "junit.xml"
    junit.write_text(JUNIT.replace('<failure message="no"/>', ""))
    assert main(["--junit", str(junit), "--output", str(tmp_path / "page.md")]) == 0


def test_every_kind_that_a_test_is_marked_with_is_counted() -> None:
    marks = re.compile(r'mark\.reliability\("([^"]+)"\)')
    tests = (ROOT / "tests").rglob("test_*.py")
    assert {kind for path in tests for kind in marks.findall(path.read_text())} == set(KINDS)
