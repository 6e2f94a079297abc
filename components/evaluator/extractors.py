"""TFMA extractors: from record batches of Examples to one short row of numbers a list."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import apache_beam as beam
import numpy as np
import pyarrow as pa
import tensorflow_model_analysis as tfma
from tensorflow_metadata.proto.v0 import schema_pb2

from components.evaluator.config import AGE_NAMES, AGES
from components.evaluator.kind_lists import KindLists, cut_by_kind
from components.evaluator.list_values import LabelledLists, ListValues, Predictions
from components.evaluator.plan import (
    AGE_GROUP,
    ITEM_KIND,
    LIST_PART,
    OF_KIND,
    SLICE_KEYS,
    WHOLE,
    Plan,
    declared_columns,
)
from components.evaluator.ranking_metrics import LIST_ROW
from data.definition import keys
from data.definition.dataset import Dataset
from data.poisson_weights import poisson_weights

_DAY = 86_400
STAGE = "ExtractListRows"

Extracts = dict[str, Any]
Columns = dict[str, np.ndarray]


def item_keys(dataset: Dataset) -> list[str]:
    """Keys that the evaluation reads of an Example and that hold a value an item."""
    tasks = dataset.tasks
    truth = [keys.truth(task.name) for task in tasks if task.true_probability]
    position = [keys.ITEM_POSITION] if dataset.position else []
    kind = [dataset.kind_feature.name] if dataset.kind_feature else []
    return [*(keys.label(task.name) for task in tasks), *truth, *position, *kind]


def slice_keys(dataset: Dataset) -> list[str]:
    """Keys of an Example that lists are sliced by."""
    declared = [SLICE_KEYS[column] for column in declared_columns(dataset)]
    return [key for key in declared if key not in (AGE_GROUP, ITEM_KIND)]


def age_groups(ages: np.ndarray) -> np.ndarray:
    """Names of the groups of lists' ages.

    Args:
        ages: seconds, float [B].

    Returns:
        object [B], bytes.
    """
    names = np.array([name.encode() for name in AGE_NAMES], object)
    places = np.searchsorted(AGES, ages / _DAY, side="right") - 1
    return names[np.maximum(places, 0)]


def schema(dataset: Dataset) -> schema_pb2.Schema:
    """The schema of what the evaluation reads of an Example; nothing else is decoded."""
    result = schema_pb2.Schema()
    ages = [keys.LIST_AGE] if dataset.timed else []
    kind = [dataset.kind_feature.name] if dataset.kind_feature else []
    for key in [*item_keys(dataset), keys.LIST_WEIGHT, *ages]:
        if key not in kind:
            result.feature.add(name=key, type=schema_pb2.FLOAT)
    for key in [keys.LIST_USER, *slice_keys(dataset), *kind]:
        result.feature.add(name=key, type=schema_pb2.BYTES)
    return result


def ragged_representations(dataset: Dataset) -> dict[str, schema_pb2.TensorRepresentation]:
    """Has TFMA read item keys as ragged values."""
    representations = {}
    for key in item_keys(dataset):
        representation = schema_pb2.TensorRepresentation()
        representation.ragged_tensor.feature_path.step.append(key)
        representations[key] = representation
    return representations


def list_row_extractor(plan: Plan, dataset: Dataset) -> tfma.extractors.Extractor:
    """The extractor that computes the row of each list, for whole batches.

    Args:
        plan: what is measured.
        dataset: names the keys.

    Returns:
        The extractor; it drops features and predictions but for what slices need.
    """
    convert = _ListRows(plan, dataset)
    return tfma.extractors.Extractor(STAGE, STAGE >> beam.Map(convert))


class _ListRows:
    """Turns an extract of B lists into rows of numbers."""

    def __init__(self, plan: Plan, dataset: Dataset) -> None:
        self._plan = plan
        self._dataset = dataset

    def __call__(self, extracts: Extracts) -> Extracts:
        features = extracts[tfma.FEATURES_KEY]
        predictions = extracts[tfma.PREDICTIONS_KEY]
        if len(self._plan.models) == 1:
            predictions = {self._plan.models[0]: predictions}
        users = pa.array(_one_each(features[keys.LIST_USER]), pa.binary())
        weights = np.ones((len(users), 1 + self._plan.replicates), np.uint8)
        weights[:, 1:] = poisson_weights(users, self._plan.replicates)
        ages = _one_each(features[keys.LIST_AGE]) if self._plan.windows else None
        lists = replace(self._labelled_lists(features), ages=ages)
        row = self._row(lists, predictions, weights)
        sliced = {key: _one_each(features[key]) for key in slice_keys(self._dataset)}
        if ages is not None:
            sliced[AGE_GROUP] = age_groups(ages)
        if self._plan.kinds:
            assert self._dataset.kind_feature is not None
            kinds = features[self._dataset.kind_feature.name].values
            row, sliced = self._with_kinds(row, sliced, cut_by_kind(lists, predictions, kinds))
        return {tfma.FEATURES_KEY: sliced, LIST_ROW: row}

    def _row(self, lists: LabelledLists, predictions: Predictions, weights: np.ndarray) -> Columns:
        values = ListValues(self._plan, lists, predictions)
        return {"values": values.sums(), "weights": weights, "counts": values.counts()}

    def _with_kinds(
        self, row: Columns, sliced: Columns, parts: KindLists | None
    ) -> tuple[Columns, Columns]:
        """Adds the lists' parts by kind behind the whole lists, for slices of their own."""
        lists = len(row["counts"])
        sliced |= {LIST_PART: _repeated(WHOLE, lists), ITEM_KIND: _repeated("", lists)}
        if parts is None:
            return row, sliced
        more = self._row(parts.lists, parts.predictions, row["weights"][parts.whole])
        added = {key: values[parts.whole] for key, values in sliced.items()}
        added |= {LIST_PART: _repeated(OF_KIND, len(parts.kinds)), ITEM_KIND: parts.kinds}
        return _joined(row, more), _joined(sliced, added)

    def _labelled_lists(self, features: Mapping[str, Any]) -> LabelledLists:
        columns = {key: features[key] for key in item_keys(self._dataset)}
        lengths = {key: np.diff(value.nested_row_splits[0]) for key, value in columns.items()}
        row_lengths = next(iter(lengths.values()))
        unequal = [key for key, value in lengths.items() if not np.array_equal(value, row_lengths)]
        if unequal:
            raise ValueError(f"{unequal}: expected one value an item, as in {next(iter(lengths))}")
        truth = [task.name for task in self._dataset.tasks if task.true_probability]
        position = columns.get(keys.ITEM_POSITION)
        return LabelledLists(
            row_lengths=row_lengths,
            labels={task: columns[keys.label(task)].values for task in self._plan.tasks},
            truth={task: columns[keys.truth(task)].values for task in truth},
            positions=None if position is None else position.values,
            weights=_one_each(features[keys.LIST_WEIGHT]).astype(float),
        )


def _joined(first: Columns, second: Columns) -> Columns:
    return {key: np.concatenate([first[key], second[key]]) for key in first}


def _repeated(value: str, times: int) -> np.ndarray:
    return np.full(times, value.encode(), object)


def _one_each(values: np.ndarray) -> np.ndarray:
    return np.asarray(values).reshape(len(values))
