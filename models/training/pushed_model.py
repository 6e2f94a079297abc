"""A pushed model as something that another one can start from."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
import yaml

from data.dataset import Dataset
from data.errors import InputError
from data.files import plain
from data.vocabulary_files import exported_vocabularies
from models.features.feature_ids import FeatureIds
from models.serving.export import DATASET_FILE, EXTRA_FOLDER, WEIGHTS_FILE
from models.weight_names import embedding_name


@dataclass(frozen=True)
class PushedModel:
    """The weights of a pushed model and what they stand for.

    Attributes:
        dataset: the definition that it was trained with.
        weights: by name.
        vocabularies: values of each categorical feature, by id.
    """

    dataset: Dataset
    weights: dict[str, np.ndarray]
    vocabularies: dict[str, list[bytes]]

    @classmethod
    def load(cls, folder: str) -> "PushedModel":
        """Reads a SavedModel.

        Args:
            folder: a version of a pushed model.

        Returns:
            The model.

        Raises:
            InputError: it was pushed without the names of its weights.
        """
        extra = Path(folder) / EXTRA_FOLDER
        if not (extra / WEIGHTS_FILE).exists():
            raise InputError(
                f"--warm-start: expected a model with {EXTRA_FOLDER}/{WEIGHTS_FILE}, as this "
                f"version of seqmd pushes it; found none in {folder}"
            )
        dataset = Dataset.model_validate(yaml.safe_load((extra / DATASET_FILE).read_text()))
        names = json.loads((extra / WEIGHTS_FILE).read_text())
        with plain(str(folder)) as place:
            reader = tf.train.load_checkpoint(str(Path(place) / "variables" / "variables"))
            weights = {
                name: reader.get_tensor(f"weights/{number}/.ATTRIBUTES/VARIABLE_VALUE")
                for number, name in enumerate(names)
            }
        return cls(dataset, weights, exported_vocabularies(dataset, folder))

    @property
    def tasks(self) -> list[str]:
        """Names of the tasks, in order."""
        return [task.name for task in self.dataset.tasks]

    def embedding_widths(self) -> dict[str, int]:
        """Width of each feature's embedding."""
        named = ((feature.name, embedding_name(feature.name)) for feature in self.dataset.features)
        return {
            feature: self.weights[name].shape[1] for feature, name in named if name in self.weights
        }

    def ids(self, feature: str) -> FeatureIds:
        """What the ids of a categorical or bucketed feature stand for."""
        size = len(self.weights[embedding_name(feature)])
        vocabulary = self.vocabularies.get(feature)
        return FeatureIds.of(self.dataset, self.dataset.feature(feature), vocabulary, size)
