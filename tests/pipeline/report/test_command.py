import json
from pathlib import Path
from typing import Any

import pytest

from pipeline import cli
from pipeline.report.files import save_content


@pytest.fixture
def output(tmp_path: Path, content: dict[str, Any]) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    save_content(content, folder, "20260101T000000")
    save_content({**content, "seed": 2}, folder, "20260102T000000")
    return folder


def test_a_folder_stands_for_its_latest_run(output: Path, capsys: pytest.CaptureFixture) -> None:
    assert cli.main(["report", str(output)]) == 0
    assert "seed 2" in (output / "report.html").read_text()
    assert str(output / "report.html") in capsys.readouterr().out


def test_an_earlier_run_is_named_by_its_file(output: Path) -> None:
    earlier = output / "reports" / "20260101T000000.json"
    assert cli.main(["report", str(earlier)]) == 0
    assert "seed 1" in earlier.with_suffix(".html").read_text()


def test_two_runs_of_one_folder_side_by_side(output: Path, tmp_path: Path) -> None:
    page = tmp_path / "both.html"
    earlier = output / "reports" / "20260101T000000.json"
    words = ["report", "--compare", str(earlier), str(output), "--output", str(page)]
    assert cli.main(words) == 0
    assert "seed 1" in page.read_text()
    assert "seed 2" in page.read_text()
    assert not list(tmp_path.rglob("*.partial"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "expected the output folder of a run with report.json"),
        ("{", "expected JSON"),
        ("[1]", "expected the report of a run"),
        (json.dumps({"run": {}, "version": 9}), "expected a report of version 1, found 9"),
        (json.dumps({"run": {}, "version": 1}), "expected the whole report of a run, found no"),
        ("[" * 100_000, "expected JSON"),
    ],
)
def test_what_is_no_report_is_one_message(
    text: str | None, expected: str, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    file = tmp_path / "report.json"
    if text is not None:
        file.write_text(text)
    assert cli.main(["report", str(tmp_path)]) == 1
    assert expected in capsys.readouterr().err
    assert not (tmp_path / "report.html").exists()


def test_names_that_are_none_are_one_message(output: Path, capsys: pytest.CaptureFixture) -> None:
    for words in (["x" * 5000], ["a\0b"], [str(output), "--output", str(output)]):
        assert cli.main(["report", *words]) == 1
        message = capsys.readouterr().err
        assert "expected" in message
        assert len(message) < 500
    assert not list(output.parent.rglob("*.partial"))


@pytest.mark.parametrize("words", [["report"], ["report", "a", "--compare", "a", "b"]])
def test_one_run_or_two_are_wanted(words: list[str], capsys: pytest.CaptureFixture) -> None:
    assert cli.main(words) == 1
    assert "expected RUN, or --compare RUN RUN" in capsys.readouterr().err


def test_half_a_surrogate_pair_from_a_log_is_no_end(tmp_path: Path, content: dict) -> None:
    content["dataset"]["description"] = "half \ud83d"
    save_content(content, tmp_path, "one")
    assert cli.main(["report", str(tmp_path)]) == 0


def test_a_folder_that_may_not_be_written_is_named(
    output: Path, locked: Path, capsys: pytest.CaptureFixture
) -> None:
    locked.chmod(0o500)
    assert cli.main(["report", str(output), "--output", f"{locked}/page.html"]) == 1
    told = f"seqmd: --output: expected a place to write to, found {locked}/page.html: Perm"
    assert capsys.readouterr().err.startswith(told)
