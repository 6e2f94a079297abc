"""Lists of every kind, as an exported model scores them."""

import math
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from data.artifacts.served_answer import ExportedModel
from data.definition.dataset import Dataset
from tests.models.serving.answers import (
    OUTPUTS,
    by_plain_tensors,
    lengths_of,
    longest,
    ranked,
    with_items,
)


def test_items_in_another_order_get_the_same_scores(
    exported: Any, dataset: Dataset, lists: list[Any]
) -> None:
    one = longest(lists)
    items = len(one.item["rating"])
    order = np.random.default_rng(5).permutation(items)
    turned = {
        name: np.asarray(values).reshape(items, -1)[order].ravel().tolist()
        for name, values in one.item.items()
    }
    found = by_plain_tensors(exported, one, dataset)
    again = by_plain_tensors(exported, with_items(one, **turned), dataset)
    for name in OUTPUTS:
        np.testing.assert_allclose(again[name], found[name][order], atol=1e-6)


def test_other_lists_change_nothing(ranker: ExportedModel, lists: list[Any]) -> None:
    alone = ranked(ranker, lists[3:4])["score"]
    among = ranked(ranker, lists[:40])["score"]
    first = lengths_of(lists[:3]).sum()
    np.testing.assert_allclose(among[first : first + len(alone)], alone, atol=1e-6)


@pytest.mark.parametrize("items", [0, 1, 200, 5000])
def test_any_number_of_candidates_is_answered_in_order(
    exported: Any, dataset: Dataset, lists: list[Any], items: int
) -> None:
    one = longest(lists)
    present = len(one.item["rating"])
    many = {
        name: np.resize(np.asarray(values).reshape(present, -1), (items, len(values) // present))
        .ravel()
        .tolist()
        for name, values in one.item.items()
    }
    outputs = by_plain_tensors(exported, with_items(one, **many), dataset)
    for values in outputs.values():
        assert values.shape == (items,)
        assert np.isfinite(values).all()
        # The same item again has the same score.
        np.testing.assert_allclose(
            values[present:], values[:-present][: len(values[present:])], atol=1e-5
        )


def test_new_brands_score_alike_and_finite(
    exported: Any, dataset: Dataset, lists: list[Any]
) -> None:
    one = with_items(
        lists[1],
        price=[20.0] * 4,
        rating=[4.0] * 4,
        age=[3.0] * 4,
        image=[0.5] * 8,
        brand=["unheard of", "新しい", "", "acme"],
    )
    score = by_plain_tensors(exported, one, dataset)["score"]
    assert np.isfinite(score).all()
    assert score[0] == score[1]
    assert score[0] != score[3]


def test_a_new_region_is_scored_as_a_missing_one(
    exported: Any, dataset: Dataset, lists: list[Any]
) -> None:
    one = longest(lists)
    scores = [
        by_plain_tensors(
            exported, one._replace(context={**one.context, "region": [name]}), dataset
        )["score"]
        for name in ("XX", "", "DE")
    ]
    np.testing.assert_array_equal(scores[0], scores[1])
    assert not np.allclose(scores[0], scores[2])


@pytest.mark.parametrize("strange", [math.inf, -math.inf])
def test_an_infinite_price_scores_as_a_missing_one(
    exported: Any, dataset: Dataset, lists: list[Any], strange: float
) -> None:
    one = longest(lists)
    price = [10.0 + number for number in range(len(one.item["rating"]))]
    missing = by_plain_tensors(exported, with_items(one, price=[math.nan, *price[1:]]), dataset)
    found = by_plain_tensors(exported, with_items(one, price=[strange, *price[1:]]), dataset)
    for name in OUTPUTS:
        assert np.isfinite(found[name]).all()
        np.testing.assert_array_equal(found[name], missing[name])


def test_absent_features_score_as_missing_ones(ranker: ExportedModel, lists: list[Any]) -> None:
    one = longest(lists)
    items = len(one.item["rating"])
    missing = one._replace(
        context={**one.context, "region": [""], "wealth": [math.nan]},
        item={**one.item, "brand": [""] * items, "image": [math.nan] * 2 * items},
    )
    absent = one._replace(
        context={"nights": one.context["nights"]},
        item={name: one.item[name] for name in ("price", "rating", "age")},
    )
    pair = [absent.serialized(), missing.serialized()]
    found = ranker(pair, np.array([items, items]))["score"]
    np.testing.assert_allclose(found[:items], found[items:], atol=1e-6)


def test_a_malformed_list_is_answered_with_nan_and_the_others_as_ever(
    exported: Any, lists: list[Any]
) -> None:
    one = longest(lists)
    wrong = with_items(one, rating=one.item["rating"][:-1])
    serve = exported.signatures["serve_examples"]
    found = serve(examples=tf.constant([x.serialized() for x in (lists[0], wrong, lists[1])]))
    expected = serve(examples=tf.constant([x.serialized() for x in lists[:2]]))
    for name in OUTPUTS:
        assert np.isnan(found[name][1]).all()
        np.testing.assert_allclose(found[name].numpy()[[0, 2]], expected[name], atol=1e-6)


@pytest.mark.parametrize("wrong", [{"region": ["US", "NO"]}, {"rating": [1.0]}])
def test_plain_values_that_do_not_fit_are_refused_by_name(
    exported: Any, dataset: Dataset, lists: list[Any], wrong: dict[str, Any]
) -> None:
    one = longest(lists)
    region, item = {"region": wrong.get("region", ["DE"])}, {**one.item}
    item["rating"] = wrong.get("rating", item["rating"])
    changed = one._replace(context={**one.context, **region}, item=item)
    with pytest.raises(tf.errors.InvalidArgumentError, match=next(iter(wrong))):
        by_plain_tensors(exported, changed, dataset)
