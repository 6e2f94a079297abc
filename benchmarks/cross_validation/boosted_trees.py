"""LightGBM's lambdarank, on raw features or with our within-list inputs."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import lightgbm
import numpy as np

from benchmarks.cross_validation.competitor import Scores
from benchmarks.cross_validation.logs import context_column, item_column, item_relevance
from benchmarks.cross_validation.prepared import Prepared
from data.feature import Feature
from models.features import transformed

# Key of a setting that is ours, not LightGBM's: the number of trees.
ROUNDS = "rounds"
_MOST_ROUNDS = 600
_PATIENCE = 60


def rank_by_trees(
    prepared: Prepared, seed: int, parameters: Mapping[str, Any], within_list: bool, at: int
) -> Scores:
    """Trains trees on graded relevance; see `TreeInputs.rank`."""
    lists = prepared.lists
    relevance = {part: item_relevance(prepared.dataset, lists[part]) for part in lists}
    return TreeInputs(prepared, within_list).rank(relevance, seed, parameters, at)


class TreeInputs:
    """The features of a trial as matrices.

    Args:
        prepared: lists of a trial.
        within_list: whether our within-list versions join the raw features.
    """

    def __init__(self, prepared: Prepared, within_list: bool) -> None:
        self._prepared = prepared
        self._within_list = within_list

    def rank(
        self,
        labels: Mapping[str, np.ndarray],
        seed: int,
        parameters: Mapping[str, Any],
        at: int,
    ) -> Scores:
        """Trains trees, as many as `rounds` says, else until validation lists get no better NDCG.

        Args:
            labels: relevance of the items by part, float [N].
            seed: seed of the draws of rows and columns.
            parameters: of LightGBM, and `rounds`.
            at: rank at which NDCG is cut off.

        Returns:
            Scores of validation and of evaluation lists.
        """
        rounds = parameters.get(ROUNDS)
        fixed: dict[str, Any] = {"objective": "lambdarank", "metric": "ndcg", "ndcg_eval_at": [at]}
        fixed |= {"lambdarank_truncation_level": at, "seed": seed, "num_threads": 1}
        fixed |= {"deterministic": True, "force_row_wise": True, "verbosity": -1}
        chosen = {name: value for name, value in parameters.items() if name != ROUNDS}
        training = self._labelled("training", labels)
        booster = lightgbm.train(
            fixed | chosen,
            training,
            num_boost_round=rounds or _MOST_ROUNDS,
            valid_sets=[self._labelled("validation", labels, training)],
            callbacks=[] if rounds else [lightgbm.early_stopping(_PATIENCE, verbose=False)],
        )
        parts = ("validation", "evaluation")
        return {part: booster.predict(self._matrices[part]) for part in parts}

    def _labelled(
        self,
        part: str,
        labels: Mapping[str, np.ndarray],
        reference: lightgbm.Dataset | None = None,
    ) -> lightgbm.Dataset:
        return lightgbm.Dataset(
            self._matrices[part],
            # An item without a label has not been wanted, as far as trees can be told.
            np.nan_to_num(labels[part]).astype(np.int64),
            group=self._prepared.lists[part].row_lengths,
            categorical_feature=self._categories(),
            reference=reference,
            free_raw_data=False,
        )

    @cached_property
    def _matrices(self) -> dict[str, np.ndarray]:
        return {part: self._matrix(part) for part in self._prepared.lists}

    def _matrix(self, part: str) -> np.ndarray:
        """Matrix [N, D]: features in the dataset's order, then within-list versions."""
        inputs = self._prepared.inputs[part]
        columns = [self._columns(part, feature) for feature in self._features()]
        if self._within_list:
            columns += [
                inputs[transformed.within_list(feature.name, version)].numpy()
                for feature in self._prepared.dataset.item_features
                for version in feature.within_list or ()
            ]
        return np.column_stack(columns).astype(np.float64)

    def _columns(self, part: str, feature: Feature) -> np.ndarray:
        """A feature's values, [N] or, of a vector, [N, length]; categories as ids."""
        lists = self._prepared.lists[part]
        of_context = feature.scope == "context"
        if feature.is_text:
            values = self._prepared.inputs[part][feature.name].numpy()
            return values[lists.list_of_item] if of_context else values
        if feature.length is None:
            column = context_column if of_context else item_column
            return column(lists, feature.name)
        table = lists.context if of_context else lists.items
        values = np.stack(table[feature.name].to_numpy(zero_copy_only=False))
        return values[lists.list_of_item] if of_context else values

    def _features(self) -> list[Feature]:
        """Features without levels of numbers that are there already: trees cut them themselves."""
        features = self._prepared.dataset.features
        columns = {feature.column for feature in features if feature.kind != "bucketed"}
        return [f for f in features if f.kind != "bucketed" or f.column not in columns]

    def _categories(self) -> list[int]:
        """Places of the categories among the matrix's columns."""
        features = self._features()
        widths = [feature.length or 1 for feature in features]
        starts = np.cumsum([0, *widths[:-1]]).tolist()
        return [start for start, f in zip(starts, features, strict=True) if f.is_text]
