"""The exported model explains its own answers."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.artifacts.served_answer import ExportedModel
from data.definition.dataset import Dataset
from data.errors import InputError
from data.explanation.explained_model import ExplainedModel
from tests.models.serving.answers import OUTPUTS, longest, ranked


@pytest.fixture(scope="module")
def explained(trained: Path) -> ExplainedModel:
    return ExplainedModel(str(trained / "model"))


@pytest.mark.parametrize("output", OUTPUTS)
def test_scores_are_those_that_are_served(
    explained: ExplainedModel, ranker: ExportedModel, lists: list[Any], output: str
) -> None:
    for one in (longest(lists), lists[0]):
        found = explained.scores(explained.columns(one.serialized()), output)
        np.testing.assert_allclose(found, ranked(ranker, [one])[output], atol=1e-6)


@pytest.mark.parametrize("output", OUTPUTS)
def test_shares_add_up_to_the_difference(
    explained: ExplainedModel, dataset: Dataset, lists: list[Any], output: str
) -> None:
    of_list = explained.columns(longest(lists).serialized())
    scores = explained.scores(of_list, output)
    for first, second in ((0, 1), (int(scores.argmax()), int(scores.argmin()))):
        found = explained.explain(of_list, first, second, output)
        assert found.difference == pytest.approx(scores[first] - scores[second], abs=1e-6)
        total = sum(found.shares.values())
        assert total == pytest.approx(found.difference, rel=1e-3)
        assert found.residual == pytest.approx(found.difference - total, abs=1e-9)
        assert set(found.shares) == {feature.name for feature in dataset.features}
        # What a list has is the same for both.
        assert [found.shares[feature.name] for feature in dataset.context_features] == [0, 0, 0]
        sizes = [abs(share) for share in found.shares.values()]
        assert sizes == sorted(sizes, reverse=True)


def test_a_feature_that_is_alike_has_a_share_by_its_rank_alone(
    explained: ExplainedModel, lists: list[Any]
) -> None:
    one = next(one for one in lists if len(one.item["rating"]) > 2)
    brands = ["acme", *one.item["brand"][1:]]
    brands[1] = "acme"
    changed = one._replace(item={**one.item, "brand": brands})
    of_list = explained.columns(changed.serialized())
    assert explained.explain(of_list, 0, 1, "score").shares["brand"] == 0


def test_a_model_without_what_is_needed_is_refused(trained: Path, tmp_path: Path) -> None:
    older = shutil.copytree(trained / "model", tmp_path / "7")
    columns = older / "assets.extra" / "columns.json"
    assert set(json.loads(columns.read_text())) >= {"price", "brand", "region"}
    columns.unlink()
    with pytest.raises(InputError, match="expected one that explains its scores"):
        ExplainedModel(str(older))
    with pytest.raises(InputError, match=r"found no saved_model\.pb"):
        ExplainedModel(str(tmp_path))
