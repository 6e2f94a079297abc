"""Writing the SavedModel that TF Serving answers with."""

import json

import tensorflow as tf
import yaml

from data.dataset import Dataset
from data.definition import Definition
from data.files import below, write_whole
from data.region_split import FILE_NAME, FeatureSplit
from models.config import ModelConfig, TrainingConfig
from models.serving.signatures import Signatures
from models.serving.warmup_requests import WARM_UP_FILE, write_warm_up

# SavedModel's own place for files that go along.
EXTRA_FOLDER = "assets.extra"
DATASET_FILE = "dataset.yaml"
MODEL_FILE = "model.yaml"
TRAINING_FILE = "training.yaml"
WEIGHTS_FILE = "weights.json"
AXES_FILE = "weight_axes.json"


def export_model(
    folder: str,
    signatures: Signatures,
    dataset: Dataset,
    model: ModelConfig,
    training: TrainingConfig,
    split: FeatureSplit,
) -> None:
    """Writes a SavedModel with the definitions that it was made from.

    Args:
        folder: a new folder.
        signatures: the model and its transform graph.
        dataset: goes along as `assets.extra/dataset.yaml`.
        model: as `model.yaml`.
        training: as `training.yaml`.
        split: as `region_split.json`.

    Beside them `weights.json` has the names of the weights, in the order of the checkpoint,
    `weight_axes.json` the features and tasks along their axes, and `tf_serving_warmup_requests`
    what TF Serving asks the model first, unless `training` wants none.
    """
    tf.saved_model.save(signatures, folder, signatures=signatures.functions())
    extra = below(folder, EXTRA_FOLDER)
    tf.io.gfile.makedirs(extra)
    definitions = {DATASET_FILE: dataset, MODEL_FILE: model, TRAINING_FILE: training}
    for name, definition in definitions.items():
        write_whole(below(extra, name), _yaml(definition))
    write_whole(below(extra, FILE_NAME), split.model_dump_json(indent=2))
    if training.warm_up:
        vocabularies = signatures.transform.vocabularies()
        write_warm_up(below(extra, WARM_UP_FILE), dataset, vocabularies, training.warm_up)
    write_whole(below(extra, WEIGHTS_FILE), json.dumps(signatures.weight_names, indent=2))
    write_whole(below(extra, AXES_FILE), json.dumps(signatures.weight_axes()))


def _yaml(definition: Definition) -> str:
    values = definition.model_dump(mode="json", exclude_none=True)
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
