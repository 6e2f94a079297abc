from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from data.definition.dataset import Dataset
from data.errors import InputError
from models.training.input_pipeline import funnel_breaks
from models.training.training import Training

Write = Callable[[Path, Sequence[Any]], str]
CHAIN = {"default_loss": {"losses": {"softmax": 1.0, "chain": 0.5}}, "epochs": 1}
NAN = float("nan")


def _with_labels(one: Any, click: list[float], order: list[float]) -> Any:
    items = len(click)
    item = {
        name: list(values)[:1] * items * (2 if name == "image" else 1)
        for name, values in one.item.items()
    }
    return one._replace(item={**item, "label_click": click, "label_order": order})


@pytest.fixture
def broken(tmp_path: Path, lists: list[Any], write_lists: Write) -> str:
    """Of nine labelled items three have an order without a click; unknown clicks break nothing."""
    named = [
        _with_labels(lists[1], [1, 0, 0, 1], [1, 1, 0, 0]),
        _with_labels(lists[2], [0, 0, NAN, NAN], [1, 1, 1, NAN]),
        _with_labels(lists[3], [1, NAN], [NAN, 0]),
    ]
    return write_lists(tmp_path / "broken-0", named)


def test_items_that_break_the_funnel_are_counted(dataset: Dataset, broken: str) -> None:
    assert funnel_breaks([broken], dataset).tolist() == [9, 3, 3]


def test_a_list_may_lack_a_tasks_labels(
    dataset: Dataset, tmp_path: Path, lists: list[Any], write_lists: Write
) -> None:
    whole = _with_labels(lists[1], [1, 0], [1, 1])
    lacking = whole._replace(
        item={name: values for name, values in whole.item.items() if name != "label_click"}
    )
    path = write_lists(tmp_path / "lists", [whole, lacking])
    assert funnel_breaks([path], dataset).tolist() == [4, 1, 1]


def test_the_chain_refuses_a_funnel_that_is_not_clean(
    learn: Callable[..., Training], tmp_path: Path, broken: str
) -> None:
    expected = r"found 3 of 9 items that break this: 3 with 'order' and without 'click'"
    with pytest.raises(InputError, match=expected):
        learn(tmp_path, training=CHAIN, train_files=broken)
    # No other loss asks for it.
    learn(tmp_path / "other", training={"epochs": 1}, train_files=broken)


@pytest.mark.thorough
def test_the_chain_learns_from_a_clean_one(learn: Callable[..., Training], tmp_path: Path) -> None:
    history = learn(tmp_path, training={**CHAIN, "epochs": 3, "learning_rate": 0.01}).state.history
    assert history[-1]["train"]["loss"] < history[0]["train"]["loss"]
