"""A pushed model as something that another one can start from."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import yaml
from pydantic import ValidationError

from data.artifacts.model_folder import ExtraFiles
from data.artifacts.region_split import FeatureSplit
from data.artifacts.vocabulary_files import exported_vocabularies
from data.definition.dataset import Dataset
from data.definition.keys import HISTORY
from data.errors import InputError, describe
from data.files import plain
from models.config import ModelConfig, TrainingConfig
from models.features.feature_ids import FeatureIds
from models.layers.building import build_inside
from models.ranking_model import RankingModel
from models.weights import Axes, embedding_name, feature_columns, named_weights, weight_axes

# What a definition means that was pushed before there were such fields.
_WITHOUT_THEM = {"adaptor_shift": False, "token_path": False}


@dataclass(frozen=True)
class PushedModel:
    """The weights of a pushed model and what they stand for.

    Attributes:
        dataset: the definition that it was trained with.
        weights: by name.
        vocabularies: values of each categorical feature, by id.
        axes: what lies along the axes of its weights, by name.
        sides: the side of each feature in its region split, and of the history as a whole.
    """

    dataset: Dataset
    weights: dict[str, np.ndarray]
    vocabularies: dict[str, list[bytes]]
    axes: dict[str, Axes]
    sides: dict[str, str]

    @classmethod
    def of(cls, model: RankingModel, vocabularies: Mapping[str, Sequence[bytes]]) -> "PushedModel":
        """A model that was trained in this process.

        Args:
            model: the model.
            vocabularies: values of each categorical feature, by id.

        Returns:
            What another one can start from.
        """
        weights = {name: weight.numpy() for name, weight in named_weights(model).items()}
        values = {feature: list(words) for feature, words in vocabularies.items()}
        return cls(model.dataset, weights, values, weight_axes(model), model.streams.sides)

    @classmethod
    def load(cls, folder: str) -> "PushedModel":
        """Reads a SavedModel.

        Args:
            folder: a version of a pushed model.

        Returns:
            The model.

        Raises:
            InputError: it was pushed without the names of its weights, or with neither the names
                along their axes nor definitions that these follow from.
        """
        extra = ExtraFiles(str(folder))
        if not Path(extra.weights).exists():
            raise InputError(
                f"--warm-start: expected {extra.weights}, as this version of seqmd pushes it; "
                f"found none"
            )
        dataset = Dataset.model_validate(yaml.safe_load(Path(extra.dataset).read_text()))
        names = json.loads(Path(extra.weights).read_text())
        with plain(str(folder)) as place:
            reader = tf.train.load_checkpoint(str(Path(place) / "variables" / "variables"))
            weights = {
                name: reader.get_tensor(f"weights/{number}/.ATTRIBUTES/VARIABLE_VALUE")
                for number, name in enumerate(names)
            }
        vocabularies = exported_vocabularies(dataset, folder)
        split = _definition(FeatureSplit, Path(extra.region_split))
        axes = _axes(extra, dataset, split, weights)
        sides = split.sides()
        if dataset.history is not None:
            sides[HISTORY] = split.side_of(one.name for one in dataset.history_features)
        return cls(dataset, weights, vocabularies, axes, sides)

    @property
    def tasks(self) -> list[str]:
        """Names of the tasks, in order."""
        return [task.name for task in self.dataset.tasks]

    @property
    def columns(self) -> list[str]:
        """The columns of features that its weights read."""
        along = (names for axes in self.axes.values() for names in axes if names is not None)
        return list(dict.fromkeys(column for names in along for column in feature_columns(names)))

    def embedding_widths(self) -> dict[str, int]:
        """Width of each feature's embedding."""
        return {name: shape[1] for name, shape in _embeddings(self.dataset, self.weights).items()}

    def ids(self, feature: str) -> FeatureIds:
        """What the ids of an embedded feature stand for."""
        size = len(self.weights[embedding_name(feature)])
        vocabulary = self.vocabularies.get(feature)
        return FeatureIds.of(self.dataset, self.dataset.feature(feature), vocabulary, size)


def _axes(
    extra: ExtraFiles, dataset: Dataset, split: FeatureSplit, weights: Mapping[str, np.ndarray]
) -> dict[str, Axes]:
    """The names along the axes of the weights; of an older model, as its definitions make them."""
    file = Path(extra.weight_axes)
    if file.exists():
        named = json.loads(file.read_text())
        return {
            name: tuple(None if names is None else tuple(names) for names in axes)
            for name, axes in named.items()
        }
    model = untrained_network(extra, dataset, split, weights)
    shapes = {name: tuple(weight.shape) for name, weight in named_weights(model).items()}
    found = {name: value.shape for name, value in weights.items()}
    wrong = sorted(name for name in {*shapes, *found} if shapes.get(name) != found.get(name))
    if wrong:
        raise InputError(
            f"--warm-start: {extra.model} lacks weight_axes.json, and its definitions make other "
            f"weights than it holds, {wrong[0]} for one: which weight belongs to which feature "
            "cannot be told. Expected a model that this version of seqmd pushed"
        )
    return weight_axes(model)


def untrained_network(
    extra: ExtraFiles, dataset: Dataset, split: FeatureSplit, weights: Mapping[str, np.ndarray]
) -> RankingModel:
    """The network that a pushed model's definitions describe, with the weights of a start.

    Args:
        extra: the files that travel with the model.
        dataset: its dataset.
        split: its region split.
        weights: its weights by name; the sizes of its embeddings are read off them.

    Returns:
        The network, built. Columns stand in the order of the dataset's definition.
    """
    embeddings = _embeddings(dataset, weights)
    model = RankingModel(
        dataset,
        _definition(ModelConfig, Path(extra.network), _WITHOUT_THEM),
        _definition(TrainingConfig, Path(extra.training)),
        split,
        {name: shape[0] for name, shape in embeddings.items()},
        {name: shape[1] for name, shape in embeddings.items()},
    )
    return build_inside(model, None)


def _embeddings(dataset: Dataset, weights: Mapping[str, np.ndarray]) -> dict[str, tuple[int, ...]]:
    """Shape of each feature's embedding."""
    named = ((feature.name, embedding_name(feature.name)) for feature in dataset.features)
    return {feature: weights[name].shape for feature, name in named if name in weights}


def _definition(kind: Any, file: Path, unless_named: Mapping[str, Any] | None = None) -> Any:
    if not file.exists():
        raise InputError(
            f"--warm-start: expected {file}, as seqmd pushes it, which says what the model's "
            "weights belong to; found none"
        )
    try:
        return kind.model_validate({**(unless_named or {}), **yaml.safe_load(file.read_text())})
    except ValidationError as error:
        raise InputError(describe(error, f"--warm-start: {file}")) from None
