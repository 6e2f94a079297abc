import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.counterfactual.examination import FEWEST_RANDOMISED
from data.definition import keys
from data.definition.dataset import Dataset
from models.position_bias.shown_lists import Shown, shown_lists

Write = Callable[[Path, list[Any]], str]


def changed(one: Any, **item: list[float]) -> Any:
    return one._replace(item=one.item | item)


def test_all_lists_are_counted(
    tmp_path: Path, shown: list[Any], shown_dataset: Dataset, write_lists: Write
) -> None:
    found = Shown.of([write_lists(tmp_path / "lists", shown)], shown_dataset)
    acted = [
        any(label > 0 for task in ("click", "order") for label in one.item[f"label_{task}"])
        for one in shown
    ]
    assert (found.lists, found.unknown, found.acted) == (len(shown), 0, sum(acted))
    assert (found.first, found.last) == (1, max(len(one.item["rating"]) for one in shown))
    assert found.platforms == ("app", "web")
    assert found.regions == ("", "DE", "JP")
    assert sum(len(part.row_lengths) for part in found.random) == sum(acted[::3])


def test_unknown_positions_are_counted_and_0_may_be_the_first(
    tmp_path: Path, shown: list[Any], shown_dataset: Dataset, write_lists: Write
) -> None:
    long = [one for one in shown if len(one.item["rating"]) > 2][:4]
    from_0 = [
        changed(one, **{keys.ITEM_POSITION: [p - 1 for p in one.item[keys.ITEM_POSITION]]})
        for one in long
    ]
    from_0[1].item[keys.ITEM_POSITION][0] = math.nan
    # One that has no positions at all, and one whose positions are below the first.
    del from_0[2].item[keys.ITEM_POSITION]
    from_0[3].item[keys.ITEM_POSITION][1] = -1.0
    found = Shown.of([write_lists(tmp_path / "lists", from_0)], shown_dataset)
    assert (found.lists, found.unknown, found.first) == (4, 3, 0)
    assert found.last == len(long[0].item["rating"])


def test_a_few_items_at_0_among_positions_from_1_on_are_without_a_position(
    tmp_path: Path, shown: list[Any], shown_dataset: Dataset, write_lists: Write
) -> None:
    lists = [one for one in shown if len(one.item["rating"]) > 2][:4]
    lists[2] = changed(
        lists[2], **{keys.ITEM_POSITION: [0.0, *lists[2].item[keys.ITEM_POSITION][1:]]}
    )
    found = Shown.of([write_lists(tmp_path / "lists", lists)], shown_dataset)
    assert (found.lists, found.unknown, found.first) == (4, 1, 1)


def test_lists_in_random_order_give_the_ratio_of_actions(
    tmp_path: Path, shown: list[Any], shown_dataset: Dataset, write_lists: Write
) -> None:
    two = next(one for one in shown if len(one.item["rating"]) == 2)
    context = two.context | {keys.LIST_RANDOMISED: ["true"], keys.LIST_PLATFORM: ["web"]}
    first, second = (
        changed(two, label_click=clicks, label_order=[0.0, 0.0])._replace(context=context)
        for clicks in ([1.0, 0.0], [0.0, 1.0])
    )
    many = FEWEST_RANDOMISED // 4
    lists = [first] * 3 * many + [second] * many
    slopes = Shown.of([write_lists(tmp_path / "many", lists)], shown_dataset).random_slopes()
    assert slopes is not None
    # A third of the actions of the first position fall on the second; the prior draws it up a bit.
    assert math.log(1 / 3) < slopes[0, 0] < math.log(1 / 3) + 0.1
    assert slopes.shape == (1, 1)
    fewer = write_lists(tmp_path / "few", lists[1:])
    assert Shown.of([fewer], shown_dataset).random_slopes() is None


def test_no_lists_are_no_error(shown_dataset: Dataset) -> None:
    found = Shown.of([], shown_dataset)
    assert (found.lists, found.last, found.random_slopes()) == (0, 0, None)


@pytest.mark.parametrize("first", [0, 1])
def test_known_says_which_lists_have_all_positions(
    tmp_path: Path, shown: list[Any], shown_dataset: Dataset, write_lists: Write, first: int
) -> None:
    two = next(one for one in shown if len(one.item["rating"]) == 2)
    lists = [changed(two, **{keys.ITEM_POSITION: [0.0, 1.0]}), two]
    part = next(shown_lists([write_lists(tmp_path / "lists", lists)], shown_dataset))
    assert np.array_equal(part.known(first), [first == 0, True])
