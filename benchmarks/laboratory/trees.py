"""LightGBM's lambdarank as a user would set it up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from benchmarks.laboratory.measures import item_column, item_relevance
from benchmarks.laboratory.prepared import Prepared, Scores
from components.evaluator.config import GRADED
from data.definition import keys
from data.definition.codecs import codec
from data.definition.feature import Feature
from data.definition.keys import within_list
from models.features.layout import Layout

if TYPE_CHECKING:
    import lightgbm

# Key of a setting that is ours, not LightGBM's: the number of trees.
ROUNDS = "rounds"
_MOST_ROUNDS = 600
_PATIENCE = 60


@dataclass(frozen=True)
class Trees:
    """LightGBM's lambdarank, a model for each target.

    Attributes:
        parameters: of LightGBM, and `rounds`, the number of trees; without it validation lists say
            when to stop.
        at: rank at which NDCG is cut off.
        within_list: whether our within-list versions join the raw features.
        targets: what is learnt, tasks or `graded`; all by default.
    """

    parameters: Mapping[str, Any]
    at: int
    within_list: bool = True
    targets: Sequence[str] = ()

    def described(self) -> dict[str, Any]:
        """All its fields."""
        return {
            "trees": dict(self.parameters),
            "at": self.at,
            "within_list": self.within_list,
            "ties": "in an order of chance",
            "targets": list(self.targets),
        }

    def scores(self, prepared: Prepared, seed: int) -> Scores:
        """Trains trees for each target.

        Args:
            prepared: the lists.
            seed: seed of the draws of rows and columns.

        Returns:
            The scores.

        Raises:
            ImportError: LightGBM is not installed.
        """
        inputs = TreeInputs(prepared, self.within_list)
        labels = _labels(prepared)
        found = {
            target: inputs.rank(labels[target], seed, self.parameters, self.at)
            for target in self.targets or labels
        }
        validation, evaluation = (
            {target: by_part[part] for target, by_part in found.items()}
            for part in ("validation", "evaluation")
        )
        return Scores(validation, evaluation)


def _labels(prepared: Prepared) -> dict[str, dict[str, np.ndarray]]:
    """Relevance of the items by target and part, float [N]."""
    dataset, lists = prepared.dataset, prepared.lists
    labels = {
        task.name: {part: item_column(lists[part], keys.label(task.name)) for part in lists}
        for task in dataset.tasks
    }
    return {**labels, GRADED: {part: item_relevance(dataset, lists[part]) for part in lists}}


class TreeInputs:
    """The features as matrices.

    Args:
        prepared: the lists.
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
    ) -> dict[str, np.ndarray]:
        """Trains trees, as many as `rounds` says, else until validation lists get no better NDCG.

        Args:
            labels: relevance of the items by part, float [N].
            seed: seed of the draws of rows and columns.
            parameters: of LightGBM, and `rounds`.
            at: rank at which NDCG is cut off.

        Returns:
            Scores by part, of validation and of evaluation lists.
        """
        import lightgbm

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
        reference: "lightgbm.Dataset | None" = None,
    ) -> "lightgbm.Dataset":
        import lightgbm

        order = self._orders[part]
        return lightgbm.Dataset(
            self._matrices[part][order],
            # An item without a label has not been wanted, as far as trees can be told.
            np.nan_to_num(labels[part][order]).astype(np.int64),
            group=self._prepared.lists[part].row_lengths,
            categorical_feature=self._categories(),
            reference=reference,
            free_raw_data=False,
        )

    @cached_property
    def _matrices(self) -> dict[str, np.ndarray]:
        return {part: self._matrix(part) for part in self._prepared.lists}

    @cached_property
    def _orders(self) -> dict[str, np.ndarray]:
        """Items of each list in an order of chance, int64 [N].

        LightGBM leaves items of equal scores in the order of its rows. Where that is the order that
        was shown, few trees with many ties look better than they are, and it stops with them.
        """
        draws = np.random.default_rng(1)
        return {
            part: np.lexsort((draws.random(int(lists.row_lengths.sum())), lists.list_of_item))
            for part, lists in self._prepared.lists.items()
        }

    def _matrix(self, part: str) -> np.ndarray:
        """Matrix [N, D]: features in the dataset's order, then within-list versions."""
        inputs = self._named(part)
        columns = [self._columns(part, feature) for feature in self._features()]
        if self._within_list:
            columns += [
                inputs[within_list(feature.name, version)].numpy()
                for feature in self._prepared.dataset.item_features
                for version in feature.within_list or ()
            ]
        return np.column_stack(columns).astype(np.float64)

    def _named(self, part: str) -> dict[str, tf.Tensor]:
        """What the transform graph makes of a part, by key."""
        return Layout(self._prepared.dataset).named(self._prepared.inputs[part])

    def _columns(self, part: str, feature: Feature) -> np.ndarray:
        """A feature's values, [N] or, of a vector, [N, length]; categories as ids."""
        lists = self._prepared.lists[part]
        if feature in self._prepared.dataset.categorical_features:
            values = self._named(part)[feature.name].numpy()
        else:
            rows = getattr(lists, feature.belongs_to.part)[feature.name]
            values = codec(feature).to_numpy(rows)
        of_items = feature in self._prepared.dataset.item_features
        return values if of_items else values[lists.list_of_item]

    def _features(self) -> list[Feature]:
        """Features without levels of numbers that are there already: trees cut them themselves."""
        features = self._prepared.dataset.features
        columns = {feature.column for feature in features if feature.kind != "bucketed"}
        return [f for f in features if f.kind != "bucketed" or f.column not in columns]

    def _categories(self) -> list[int]:
        """Places of the categories among the matrix's columns."""
        features = self._features()
        widths = [codec(feature).width for feature in features]
        starts = np.cumsum([0, *widths[:-1]]).tolist()
        categories = self._prepared.dataset.categorical_features
        return [start for start, f in zip(starts, features, strict=True) if f in categories]
