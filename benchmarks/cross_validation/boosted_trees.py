"""LightGBM's lambdarank, on raw features or with our within-list inputs."""

from typing import Any

import lightgbm
import numpy as np

from benchmarks.cross_validation.competitor import Scores
from benchmarks.cross_validation.logs import context_column, item_column, item_relevance
from benchmarks.cross_validation.prepared import Prepared
from data.dataset import Dataset
from data.feature import Feature
from data.list_columns import Lists
from models import transformed

# Key of a setting that is ours, not LightGBM's: the number of trees.
ROUNDS = "rounds"
_MOST_ROUNDS = 600
_PATIENCE = 60


def rank_by_trees(
    prepared: Prepared, seed: int, parameters: dict[str, Any], within_list: bool, at: int
) -> Scores:
    """Trains trees, as many as `rounds` says, else until validation lists get no better NDCG.

    Args:
        prepared: lists of a trial.
        seed: seed of the draws of rows and columns.
        parameters: of LightGBM, and `rounds`.
        within_list: whether our within-list versions join the raw features.
        at: rank at which NDCG is cut off.

    Returns:
        Scores of validation and of evaluation lists.
    """
    rounds = parameters.get(ROUNDS)
    fixed = {"objective": "lambdarank", "metric": "ndcg", "ndcg_eval_at": [at], "verbosity": -1}
    fixed |= {"lambdarank_truncation_level": at, "seed": seed, "num_threads": 1}
    fixed |= {"deterministic": True, "force_row_wise": True}
    matrices = {part: _matrix(prepared, part, within_list) for part in prepared.lists}
    training = _labelled(prepared, "training", matrices)
    parameters = {name: value for name, value in parameters.items() if name != ROUNDS}
    booster = lightgbm.train(
        fixed | parameters,
        training,
        num_boost_round=rounds or _MOST_ROUNDS,
        valid_sets=[_labelled(prepared, "validation", matrices, training)],
        callbacks=[] if rounds else [lightgbm.early_stopping(_PATIENCE, verbose=False)],
    )
    return {part: booster.predict(matrices[part]) for part in ("validation", "evaluation")}


def _labelled(
    prepared: Prepared,
    part: str,
    matrices: dict[str, np.ndarray],
    reference: lightgbm.Dataset | None = None,
) -> lightgbm.Dataset:
    lists = prepared.lists[part]
    features = _features(prepared.dataset)
    return lightgbm.Dataset(
        matrices[part],
        item_relevance(prepared.dataset, lists).astype(np.int64),
        group=lists.row_lengths,
        categorical_feature=[i for i, feature in enumerate(features) if feature.is_text],
        reference=reference,
        free_raw_data=False,
    )


def _features(dataset: Dataset) -> list[Feature]:
    """The features without levels of numbers that are there already: trees cut them themselves."""
    columns = {feature.column for feature in dataset.features if feature.kind != "bucketed"}
    return [f for f in dataset.features if f.kind != "bucketed" or f.column not in columns]


def _matrix(prepared: Prepared, part: str, within_list: bool) -> np.ndarray:
    """Matrix [N, D]: features in the dataset's order, then within-list versions."""
    lists, inputs = prepared.lists[part], prepared.inputs[part]
    columns = []
    for feature in _features(prepared.dataset):
        if feature.is_text:
            ids = inputs[feature.name].numpy()
            columns.append(ids[lists.list_of_item] if feature.scope == "context" else ids)
        else:
            columns.append(_numbers(lists, feature.name, feature.scope == "context"))
    if within_list:
        columns += [
            inputs[transformed.within_list(feature.name, version)].numpy()
            for feature in prepared.dataset.item_features
            for version in feature.within_list or ()
        ]
    return np.stack(columns, axis=1).astype(np.float64)


def _numbers(lists: Lists, name: str, of_context: bool) -> np.ndarray:
    return context_column(lists, name) if of_context else item_column(lists, name)
