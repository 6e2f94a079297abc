from typing import Any

from pipeline.report import comparison
from pipeline.report.comparison import comparison_page
from tests.pipeline.report.conftest import HOSTILE


def changed(content: dict[str, Any]) -> dict[str, Any]:
    second = {**content, "seed": 2, "lineage": []}
    second["region_split"] = {"country": ["country"], "dependent": [HOSTILE, "price"]}
    second["metrics"] = {**content["metrics"], "slices": content["metrics"]["slices"][:1]}
    return second


def test_what_differs_is_found(content: dict[str, Any]) -> None:
    second = changed(content)
    assert comparison.moved_features(content, second) == [("price", "invariant", "dependent")]
    assert comparison.changed_settings(content, second) == [("seed", "1", "2")]
    assert [values for values, _, _ in comparison.slice_pairs(content, second)] == [{}]
    assert "different lists" in comparison.warnings_of(content, second)[0]
    assert comparison.warnings_of(content, content) == []


def test_the_page_is_called_by_both_datasets(content: dict[str, Any]) -> None:
    other = {**content, "dataset": {"name": "larger", "description": ""}}
    assert comparison.title_of(content, content) == "Two runs of shop"
    assert comparison.title_of(content, other) == "Two runs of shop and larger"


def test_slices_too_small_to_judge_are_pale(content: dict[str, Any]) -> None:
    # Two targets, each with 300 lists overall and 20 in the only region; 100 are enough.
    assert comparison_page(content, content, ["a", "b"]).count('<g class="faint">') == 2


def test_a_difference_is_second_minus_first_and_apart_where_intervals_do_not_meet() -> None:
    first = {"value": 0.4, "low": 0.3, "high": 0.45}
    second = {"value": 0.5, "low": 0.46, "high": 0.6}
    assert comparison.difference(first, second) == 0.5 - 0.4
    assert comparison.apart(first, second)
    assert not comparison.apart(first, {**second, "low": 0.44})
    assert comparison.difference(first, None) is None
    assert not comparison.apart(first, None)


def test_the_page_shows_both_runs(content: dict[str, Any]) -> None:
    page = comparison_page(content, changed(content), ["output/a", "output/b"])
    for words in ("output/a", "output/b", "0.500 → 0.500", "+0.000", '<td class="wrap">2</td>'):
        assert words in page


def test_a_failed_run_is_compared_too(content: dict[str, Any]) -> None:
    bare = {
        name: content[name]
        for name in ("run", "dataset", "tasks", "config", "seed", "components", "versions")
    }
    failed = {**bare, "run": {**content["run"], "status": "failed", "error": "no"}, "lineage": []}
    for pair in ((failed, content), (content, failed), (failed, failed)):
        assert "! Failed" in comparison_page(*pair, ["a", "b"])
