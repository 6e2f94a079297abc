import io
from typing import Any

import pytest

from components.evaluator.results import MEASURABLE
from pipeline.commands.console import console_on
from pipeline.commands.result_view import show_summary
from pipeline.summary import Summary
from tests.pipeline.summaries import JUDGED, measured, part, summary, target


def shown(content: dict[str, Any]) -> str:
    stream = io.StringIO()
    show_summary(Summary.model_validate(content), console_on(stream))
    return stream.getvalue()


def test_values_intervals_counts_verdict_and_paths() -> None:
    screen = shown(summary())
    for words in (
        "rows in 1,000, rows out 998, rows set aside 2",
        "2 x price: expected a number",
        "purchase: no positive label in 70 training lists, so there is nothing to learn",
        "0.512 ± 0.010 (250)",
        "2 slices too small to judge, with fewer than 100 lists that count: region DE, region [FR]",
        "regions without training lists (lists evaluated): FI (3)",
        "updated: 480 different values, 7 left in 32 bits",
        "`origin: 1767225300`",
        "descending probability: off",
        "brand: 50.0% of its values in evaluation lists are not in the model's vocabulary",
        r"(2 different, such as 'True\n')",
        "no feature differs by more than 0.1 from region to region, so no mask is learnt; "
        "nearest: price, 0.059 after 0.069 for chance; `side: dependent` pins a feature",
        "not blessed, 1 gate failed:",
        "click (region DE): -8%",
        "none: not blessed",
        "rows set aside /aside/1",
    ):
        assert words in screen


def test_the_nearest_effect_is_told_where_effects_are_judged() -> None:
    split = summary()["region_split"]
    (name, found), *_ = split["distances"].items()
    effect = {"distance": 0.021, "raw": 0.2, "most_by_chance": 0.199}
    judged = {"judge": "both", "effect_threshold": 0.05}
    judged["distances"] = {**split["distances"], name: {**found, "effect": effect}}
    screen = shown(summary(region_split={**split, **judged}))
    assert f"; by its effect on relevance {name}, 0.021 of 0.05; `side: dependent`" in screen


def test_where_a_feature_is_dependent_none_is_called_nearest() -> None:
    split = {**summary()["region_split"], "dependent": ["price"], "invariant": ["age"]}
    assert "no feature differs" not in shown(summary(region_split=split))


def test_without_rows_set_aside_their_folder_is_not_shown() -> None:
    counts = {**summary()["counts"], "rows_set_aside": 0}
    assert "/aside/1" not in shown(summary(counts=counts))


def test_a_withdrawn_version_is_not_called_pushed() -> None:
    blessing = {"blessed": True, "reason": "blessed, 1 gate passed", "gates": [], **JUDGED}
    assert "pushed model   none: withdrawn" in shown(summary(blessing=blessing))


def test_no_lists_at_all_is_shown_too() -> None:
    assert "not blessed" in shown(summary(metrics=measured([])))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("[red]", "[red]"),
        ("[/]", "[/]"),
        ("[link=https://example.org]here[/link]", "[link=https://example.org]here[/link]"),
        (":warning:", ":warning:"),
        ("\x1b]0;mine\x07", r"\x1b]0;mine\x07"),
        ("DE\nblessed, 0 gates", r"DE\nblessed, 0 gates"),
        ("back\\", "back\\"),
    ],
)
def test_names_from_data_are_text(name: str, expected: str) -> None:
    screen = shown(named(name))
    assert "\x1b" not in screen
    # The row of the table, the reason, the column on which lists disagree, the new region, the gate
    # (its region and why) and the path.
    assert screen.count(expected) == 7
    assert len(screen.splitlines()) == len(shown(named("x" * len(expected))).splitlines())


@pytest.mark.parametrize(("lists", "figure"), [(150, "0.600 (150)"), (1, "0.512")])
def test_a_long_name_leaves_room_for_the_figures(lists: int, figure: str) -> None:
    content = summary()
    content["metrics"]["slices"][1] = part({"region": "x" * 10_000}, 200, target(0.6, lists, None))
    screen = shown(content)
    assert figure in screen
    assert max(map(len, screen.splitlines())) < 500


def test_slices_too_small_to_judge_are_one_line() -> None:
    small = [part({"region": f"R{at}"}, 99, target(0.6, 99)) for at in range(30)]
    large = part({"region": "DE"}, 100, target(0.7, 100))
    # One task says enough of a slice.
    mixed = part({"region": "FR"}, 100, target(0.8, 100))
    mixed["targets"]["purchase"] = target(None, 0)
    everything = part({}, 50, target(0.5, 50))
    for one in (*small, large, everything):
        one["targets"]["purchase"] = target(0.3, 2)
    screen = shown(summary(metrics=measured([everything, *small, large, mixed])))
    assert "30 slices too small to judge, with fewer than 100 lists that count: " in screen
    assert "region R0, region R1, region R2, region R3, region R4 and 25 more; " in screen
    rows = [
        line for line in screen.splitlines() if line.startswith("\N{BOX DRAWINGS LIGHT VERTICAL}")
    ]
    assert [row.split()[1] for row in rows] == ["all", "region", "region"]
    assert "~0.500 ± 0.010 (50)" in rows[0]
    assert "region DE" in rows[1]
    assert "not measurable (0)" in rows[2]


def test_names_of_small_slices_are_text_too() -> None:
    content = summary()
    content["metrics"]["slices"][1]["slice"] = {"region": "[red]\n\x1b]0;mine\x07"}
    screen = shown(content)
    assert r"region [red]\n\x1b]0;mine\x07, region [FR]" in screen


def named(name: str) -> dict[str, Any]:
    """A summary with a name from data wherever one can be."""
    content = summary()
    content["metrics"]["slices"][1] = part({"region": name}, 200, target(0.6, 150))
    content["counts"]["reasons"] = {f"{name}: expected a number": 2}
    content["counts"]["lists_of_new_regions"] = {name: 3}
    content["counts"]["conflicts"] = {name: 4}
    gate = {"gate": "click", "slice": {"region": name}, "passed": False, "why": name}
    content["blessing"] = {"blessed": False, "reason": name, "gates": [gate], **JUDGED}
    content["paths"]["report"] = name
    return content


def test_a_failed_gate_is_told_once() -> None:
    assert shown(summary()).count("-8%") == 1


def test_lists_in_which_no_order_can_be_wrong_are_told() -> None:
    slices = summary()["metrics"]["slices"]
    assert "left out" not in shown(summary())
    slices[0]["targets"]["click"]["lists_of_equals"] = 1900
    found = shown(summary(metrics=measured(slices)))
    assert "left out: 1,900 lists in which no order can be wrong" in found


def test_an_evaluation_that_shows_nothing_is_told_once() -> None:
    why = "no list of the evaluation has an action"
    gate = {"gate": MEASURABLE, "slice": {}, "passed": False, "why": why}
    reason = f"not blessed: not measurable, {why}"
    blessing = {"blessed": False, "reason": reason, "gates": [gate], **JUDGED}
    found = shown(summary(blessing=blessing))
    assert found.count(why) == found.count(reason) == 1
    assert "gates failed" not in found


def test_a_region_called_all_is_not_all_regions() -> None:
    slices = summary()["metrics"]["slices"]
    slices[1] = part({"region": "all"}, 200, target(0.6, 150))
    found = shown(summary(metrics=measured(slices)))
    rows = [line.split("\N{BOX DRAWINGS LIGHT VERTICAL}") for line in found.splitlines()]
    assert [row[1].strip() for row in rows if len(row) > 1][:2] == ["all", "region all"]


def test_lists_that_disagree_and_rows_that_repeat_are_told() -> None:
    counts = summary()["counts"]
    found = {"conflicts": {"w": 700}, "rows_merged": 1200, "lists_with_repeated_rows": 60}
    text = shown(summary(counts=counts | found))
    assert "rows disagree on column 'w' in 700 lists: the first row counts" in text
    assert "repeat an item of their list: 1,200 rows in 60 lists" in text
    assert "equal" not in text
    kept = {"rows_equal": 30, "lists_with_repeated_rows": 20}
    text = shown(summary(counts=counts | kept))
    assert "equal to an earlier row of their list, and kept: 30 rows in 20 lists" in text
    assert "disagree" not in shown(summary())
