"""Writing the SavedModel that TF Serving answers with."""

import json

import tensorflow as tf
import yaml

from data.artifacts.examination import LearntExamination
from data.artifacts.model_folder import ExtraFiles
from data.artifacts.region_split import FeatureSplit
from data.definition.base import Definition
from data.definition.dataset import Dataset
from data.files import write_whole
from models.config import ModelConfig, TrainingConfig
from models.serving.signatures import Signatures
from models.serving.warmup_requests import write_warm_up


def export_model(
    folder: str,
    signatures: Signatures,
    dataset: Dataset,
    model: ModelConfig,
    training: TrainingConfig,
    split: FeatureSplit,
    examination: LearntExamination | None = None,
) -> None:
    """Writes a SavedModel with the definitions that it was made from.

    Args:
        folder: a new folder.
        signatures: the model and its transform graph.
        dataset: goes along as `assets.extra/dataset.yaml`.
        model: as `model.yaml`.
        training: as `training.yaml`.
        split: as `region_split.json`.
        examination: as `examination.json`, for people alone: nothing of it is in the graph.

    Beside them `weights.json` has the names of the weights, in the order of the checkpoint,
    `weight_axes.json` the features and tasks along their axes, `columns.json` the features of the
    network's columns, and `tf_serving_warmup_requests`
    what TF Serving asks the model first, unless `training` wants none.
    """
    tf.saved_model.save(signatures, folder, signatures=signatures.functions())
    extra = ExtraFiles(folder)
    write_whole(extra.dataset, _yaml(dataset))
    write_whole(extra.network, _yaml(model))
    write_whole(extra.training, _yaml(training))
    write_whole(extra.region_split, split.model_dump_json(indent=2))
    if training.warm_up:
        vocabularies = signatures.transform.vocabularies()
        write_warm_up(extra.warm_up, dataset, vocabularies, training.warm_up)
    if signatures.calibration:
        write_whole(extra.calibration, signatures.calibration.model_dump_json(indent=2))
    if examination:
        write_whole(extra.examination, examination.model_dump_json(indent=2))
    write_whole(extra.weights, json.dumps(signatures.weight_names, indent=2))
    write_whole(extra.weight_axes, json.dumps(signatures.weight_axes()))
    write_whole(extra.columns, json.dumps(signatures.of_columns.features))


def _yaml(definition: Definition) -> str:
    values = definition.model_dump(mode="json", exclude_none=True)
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
