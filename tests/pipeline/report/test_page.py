import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest

from pipeline.report.comparison import comparison_page
from pipeline.report.page import (
    MOST_DISTANCES,
    SECTIONS,
    charts_of,
    report_page,
    shares_shown,
    training_charts,
)
from pipeline.report.rendering import columns, digits
from tests.pipeline.report.conftest import HOSTILE

# What a run that ended before its first node has to show.
# Parts of the diagnostics with a section of their own.
WITHIN_DIAGNOSTICS = ("counterfactual", "domestic", "pairs")
BARE = ("version", "run", "dataset", "tasks", "config", "seed", "not_read", "components")


def test_every_part_has_its_section_with_its_figures(content: dict[str, Any]) -> None:
    page = report_page(content)
    for key, title in ((key, title) for key, title, _ in SECTIONS):
        assert f'<a href="#{key}">{title}</a>' in page
        assert f'<section id="{key}"' in page
    for words in (
        "✓ Blessed",
        "/models/1",
        "1,000 rows of 1 file = 998 rows of lists + 2 set aside",
        "480 different values, 7 left in 32 bits",
        "25.0% of its values in evaluation lists are not in the model's vocabulary",
        "(1,200 different, such as &lt;script&gt;",
        "0.480\N{EN DASH}0.520",
        "+0.100",
        "1 min 1 s",
        "1.5 GB",
    ):
        assert words in page, words
    assert "such as rare" not in page


def test_attributes_stand_before_and_after_filling(content: dict[str, Any]) -> None:
    page = report_page(content)
    cells = ">40<", ">24<", ">14<", ">60.0%<", ">95.0%<", ">90.0%<", ">80.0%<"
    for words in ("40 listings, 3 of an item that an earlier one has", *cells, "fill refused"):
        assert words in page, words
    assert page.count("fill refused") == 1
    assert "Nothing filled of 1 listing" in page


def test_pairs_show_large_shares_and_sum_up_small_ones(content: dict[str, Any]) -> None:
    page = report_page(content)
    for words in ("+0.3000", "-0.0490", "2 other features", "-0.0010", f"{0.5 - 0.25:+.4f}"):
        assert f">{words}<" in page, words
    assert ">age<" not in page
    shares = shares_shown(content["diagnostics"]["pairs"][0])
    assert sum(share for _, _, share in shares) == pytest.approx(0.25)


def test_anomalies_and_the_largest_distances_are_on_the_page(content: dict[str, Any]) -> None:
    page = report_page(content)
    assert "<td>known values</td>" in page
    assert "<td>drift</td><td>every region</td>" in page
    assert '<td class="number">0.250</td><td class="number">0.200</td>' in page
    content["validation"]["distances"] *= MOST_DISTANCES
    page = report_page(content)
    assert page.count("<td>drift</td>") == MOST_DISTANCES
    # Two distances, so many times.
    assert f"{2 * MOST_DISTANCES - MOST_DISTANCES} smaller ones are in report.json" in page
    content["validation"] |= {"findings": [], "distances": []}
    assert "No anomaly was found." in report_page(content)


def test_names_from_data_are_text_and_no_markup(content: dict[str, Any]) -> None:
    for page in (report_page(content), comparison_page(content, content, [HOSTILE, HOSTILE])):
        assert "<script" not in page
        assert "alert(&#39;x&#39;)" in page


def test_nothing_is_loaded_from_elsewhere(content: dict[str, Any]) -> None:
    for page in (report_page(content), comparison_page(content, content, ["a", "b"])):
        assert "default-src 'none'" in page
        assert not re.search(r"(?:src|href)=\"(?!#|data:)|url\(|@import", page)


def test_every_chart_has_a_title_a_description_and_a_unit(content: dict[str, Any]) -> None:
    page = report_page(content)
    charts = re.findall(r"<svg role=\"img\".*?</svg>", page, re.DOTALL)
    # Ranking, expected gain, importance: click and graded; calibration; domestic; training: 2;
    # features: 2; components: 2.
    assert len(charts) == 2 + 2 + 2 + 1 + 1 + 2 + 2 + 2
    for chart in charts:
        assert re.search(r"<title id=\"[\w-]+\">[^<]+</title>", chart)
        assert re.search(r"<desc id=\"[\w-]+\">[^<]+</desc>", chart)
    ids = re.findall(r" id=\"([\w-]+)\"", page)
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("part", sorted({part for _, _, part in SECTIONS} - {"components"}))
def test_a_part_that_is_missing_leaves_the_others(content: dict[str, Any], part: str) -> None:
    if part in WITHIN_DIAGNOSTICS:
        content["diagnostics"][part] = None
    else:
        del content[part]
    if part == "blessing":
        content["run"]["status"] = "not blessed"
    page = report_page(content)
    for key, _, needed in SECTIONS:
        gone = needed == part or (part == "diagnostics" and needed in WITHIN_DIAGNOSTICS)
        assert (f'<section id="{key}"' in page) != gone


def test_a_run_that_failed_says_where_and_why(content: dict[str, Any]) -> None:
    bare = {name: content[name] for name in BARE}
    bare["run"] |= {"status": "failed", "error": f"ValueError: {HOSTILE}", "failed_component": "A"}
    bare["components"] = {}
    page = report_page(bare)
    assert "! Failed in A" in page
    assert "ValueError: &lt;script&gt;" in page


def test_a_model_that_is_not_blessed_shows_the_gate_that_failed_first(
    content: dict[str, Any],
) -> None:
    failed = {**content["blessing"]["gates"][0], "passed": False, "why": "3% worse in DE"}
    content["run"]["status"] = "not blessed"
    content["blessing"]["gates"].append(failed)
    page = report_page(content)
    assert "✗ Not blessed" in page
    assert page.index("3% worse in DE") < page.index("✓ passed")


def test_a_warning_is_neither_passed_nor_failed(content: dict[str, Any]) -> None:
    gate = content["blessing"]["gates"][0]
    warned = {**gate, "passed": None, "warned": True, "why": "2.0 (1.9 to 2.1): too high"}
    content["blessing"]["gates"] = [{**gate, "warned": False}, warned]
    page = report_page(content)
    assert "1 passed, none failed, " in page
    assert "1 warned" in page
    assert "! warned" in page


def test_calibration_before_and_by_region_is_shown_where_it_is_known(
    content: dict[str, Any],
) -> None:
    assert "before calibration" not in report_page(content)
    diagnostics = content["diagnostics"]
    diagnostics["uncalibrated"] = diagnostics["calibration"]
    pcoc = {"value": 1.02, "low": 0.9, "high": 1.14}
    one = {"positives": 40, "pcoc": pcoc, "before": {**pcoc, "value": 2.5}}
    diagnostics["calibration_by_region"] = {"DE": {"click": one}, HOSTILE: {"click": one}}
    page = report_page(content)
    assert "What the network said before calibration" in page
    assert "DE: before calibration 2.500, served 1.020 (95% from 0.900 to 1.140)" in page
    assert HOSTILE not in page


def test_values_that_are_unknown_are_dashes(content: dict[str, Any]) -> None:
    part = content["metrics"]["slices"][1]["targets"]["click"]["rankings"]["score"]["ndcg@10"]
    part.update(value=None, low=None, high=None, change=None, baseline=None)
    content["training"][0]["validation"]["click_ndcg"] = None
    assert "\N{EN DASH}" in report_page(json.loads(json.dumps(content)))


@pytest.mark.parametrize(
    "name",
    [
        '"><img src=x onerror=alert(1)>',
        "' onload='alert(1)",
        "</title></style></text></svg><svg onload=alert(1)>",
        "<!--]]>&lt;b&gt;\0\x1b[31m\u202e{{ 7 * 7 }}{% raw %}",
    ],
)
def test_a_name_from_data_changes_nothing_of_the_page_but_text(
    content: dict[str, Any], name: str
) -> None:
    harmless = "x" * len(name)
    found, expected = (_pages(content, one) for one in (name, harmless))
    for page, other in zip(found, expected, strict=True):
        assert _structure(page) == _structure(other)


def _pages(content: dict[str, Any], name: str) -> tuple[str, str]:
    placed = json.dumps(content).replace(json.dumps(HOSTILE)[1:-1], json.dumps(name)[1:-1])
    named = json.loads(placed)
    return report_page(named), comparison_page(named, named, [name, name])


def _structure(page: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every tag with its attributes; values too, but for those that read names aloud."""
    parser = _Tags()
    parser.feed(page)
    return parser.found


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, tuple[str, ...]]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, tuple(f"{name}={value}" for name, value in attributes)))

    def handle_comment(self, data: str) -> None:
        self.found.append(("comment", ()))


def test_a_cached_run_says_what_it_took_and_what_it_did_not_do(content: dict[str, Any]) -> None:
    content["components"]["Pusher"]["cached"] = False
    assert "took 1 min 15 s, seed" in report_page(content)
    content["components"]["Trainer"]["cached"] = True
    page = report_page(content)
    assert "took 1 min 15 s with 1 of 2 components from the cache, seed" in page
    assert "2.0 s in the earlier run that trained this model" in page


@pytest.mark.parametrize(
    ("charts", "of_three", "of_four"),
    [
        (0, 1, 1),
        (1, 1, 1),
        (2, 2, 2),
        (3, 3, 3),
        (4, 2, 4),
        (5, 3, 3),
        (9, 3, 3),
        (10, 2, 4),
        (13, 3, 4),
    ],
)
def test_no_chart_stands_alone_where_that_can_be(charts: int, of_three: int, of_four: int) -> None:
    assert columns(charts).startswith(f"--of-three: {of_three}; --of-four: {of_four}; ")


def test_charts_that_leave_a_column_free_are_wider() -> None:
    assert "--widest-of-three: 36rem; --widest-of-four: 36rem" in columns(2)
    assert "--widest-of-three: 27rem; --widest-of-four: 36rem" in columns(3)
    assert "--widest-of-three: 27rem; --widest-of-four: 27rem" in columns(8)


@pytest.mark.parametrize(
    ("value", "threshold", "shown"),
    [
        (0.1004, 0.1, "0.1004"),
        (0.0996, 0.1, "0.0996"),
        (0.1, 0.1, "0.10"),
        (0.3, 0.1, "0.30"),
        (0.104, 0.1, "0.104"),
        (0.0951, 0.1, "0.095"),
        (0.05499, 0.055, "0.05"),
    ],
)
def test_a_distance_reads_on_its_side_of_the_threshold(
    value: float, threshold: float, shown: str
) -> None:
    assert digits(value, threshold) == shown


def test_an_interval_ends_where_ndcg_does(content: dict[str, Any]) -> None:
    found = content["metrics"]["slices"][0]["targets"]["click"]["rankings"]["score"]["ndcg@10"]
    found.update(value=0.1, low=-0.074, high=1.2)
    page = report_page(content)
    assert "0.000\N{EN DASH}1.000, " in page
    assert "-0.074" not in page


@pytest.mark.parametrize(("at", "measured"), [(None, "NDCG of whole lists"), (10, "NDCG@10")])
def test_the_chart_of_training_says_where_ndcg_is_cut_off(
    at: int | None, measured: str, content: dict[str, Any]
) -> None:
    content["config"]["training"]["ndcg_at"] = at
    _, chart = charts_of(content)["training"]
    assert chart.title == f"Validation lists: {measured}"
    assert f"<figcaption>{chart.title}" in report_page(content)


def test_trainings_that_are_cut_off_elsewhere_are_told_apart(content: dict[str, Any]) -> None:
    config = {**content["config"], "training": {**content["config"]["training"], "ndcg_at": 10}}
    other = {**content, "config": config}
    for first, measured in ((other, "NDCG@10"), (content, "NDCG of whole lists and NDCG@10")):
        charts = training_charts({"first": first, "second": other})
        titles = [chart.title for chart in charts if chart]
        assert f"Validation lists: click, {measured}" in titles


def test_the_epoch_that_is_kept_is_marked(content: dict[str, Any]) -> None:
    assert "which is kept" not in report_page(content)
    content["training"][1]["kept"] = True
    page = report_page(content)
    # In the words and the legend of two charts, on the line in each; and in the table.
    assert page.count("epoch 2, which is kept") == 2 * 3
    assert page.count("<small>kept</small>") == 1


def test_distances_of_effects_stand_beside_those_of_distributions(content: dict[str, Any]) -> None:
    page = report_page(content)
    assert "distance is above 0.1; and in what they do to relevance" in page
    assert "effects is above 0.05; either makes a feature dependent." in page
    figures = "".join(f'<td class="number">{value}</td>' for value in ("0.300", "0.500", "0.400"))
    assert f"{figures}<td>distribution, effect</td>" in page
    assert '<td class="number"></td>' * 3 + "<td>distribution</td>" in page


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ("every platform", "every region")),
        ({"platform": "app"}, ("app", "every region")),
        ({"region": "DE", "platform": "app"}, ("app", "DE")),
        ({"age": "0 to 1 days"}, ("every platform", "0 to 1 days")),
        ({"kind": "shop"}, ("every platform", "shop")),
        ({"randomised": "true"}, ("every platform", "random order")),
        ({"region": "DE", "platform": "app", "age": "0 to 1 days"}, ("app", "DE, 0 to 1 days")),
    ],
)
def test_each_slice_has_a_row_of_its_name(
    content: dict[str, Any], values: dict[str, str], expected: tuple[str, str]
) -> None:
    content["metrics"]["slices"][1]["slice"] = values
    platform, others = expected
    page = report_page(content)
    assert f'<th scope="row">{platform}</th><th scope="row">{others}</th>' in page
