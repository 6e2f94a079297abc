"""Trains and exports a model: what the Trainer component runs.

TFX imports this module a second time, so it must define no class.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import tensorflow as tf

from data.artifacts.calibration import Calibration
from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset
from data.files import below
from models.calibration.fitting import ScoredLists, fit_calibration
from models.calibration.places import place_ids
from models.config import ModelConfig, TrainingConfig
from models.features.transform_graph import TransformGraph
from models.features_check import check_second_stage
from models.ranking_model import RankingModel
from models.serving.export import export_model
from models.serving.signatures import Signatures
from models.training.checkpoints import training_fingerprint
from models.training.epoch_log import EpochLog
from models.training.input_pipeline import Reader, batch_reader, label_totals, matching_files
from models.training.pushed_model import PushedModel
from models.training.second_stage import check_first_stage
from models.training.training import Training
from models.training.warm_start import warm_start
from models.training.workers import Workers

# What the workers must know of TFX's FnArgs.
ARGUMENTS = (
    "train_files",
    "eval_files",
    "transform_graph_path",
    "serving_model_dir",
    "model_run_dir",
    "custom_config",
)


def run_fn(fn_args: Any) -> None:
    """Trains a model and exports it, alone or with the other workers that TF_CONFIG names.

    Args:
        fn_args: TFX's `FnArgs`: `train_files` and `eval_files` (patterns of training and of
            validation lists), `transform_graph_path`, `serving_model_dir` (the SavedModel),
            `model_run_dir` (TensorBoard logs and history.json), and `custom_config`: `dataset`,
            `model` and `training` (definitions as JSON), `region_split` (path of a
            region_split.json), `warm_start` (a version of a pushed model whose weights training
            starts from; none draws them) and `checkpoint_dir` (a folder that outlives a killed
            run; none keeps checkpoints in `model_run_dir`). All of it but `checkpoint_dir` tells
            one training from another, and so may further entries. Of several workers, all go by
            the chief's.

    Raises:
        InputError: there are no training lists, definitions contradict each other, the pushed
            model does not fit them, a loss is not finite, or TF_CONFIG, the files or the batches
            do not fit the workers.
        WorkerLostError: another worker ended before the training was done.
    """
    train_together({name: getattr(fn_args, name) for name in ARGUMENTS}, Workers.of_environment())


def train_together(arguments: Mapping[str, Any], workers: Workers) -> None:
    """Trains as one of the workers; only the chief writes.

    Args:
        arguments: attributes of `fn_args` that `ARGUMENTS` names; the chief's are used by all
            workers, and the others need none.
        workers: those that train together.

    Raises:
        InputError: see `run_fn`.
        WorkerLostError: another worker ended before the training was done.
    """
    with workers.watched():
        _train(arguments, workers)


def _train(arguments: Mapping[str, Any], workers: Workers) -> None:
    arguments = json.loads(workers.told_by_chief(json.dumps(arguments)))
    config = arguments["custom_config"]
    dataset = Dataset.model_validate(config["dataset"])
    training_config = TrainingConfig.model_validate(config.get("training") or {})
    split = FeatureSplit.load(config["region_split"])
    tf.keras.utils.set_random_seed(training_config.seed)
    transform = TransformGraph(dataset, arguments["transform_graph_path"])
    network = ModelConfig.model_validate(config.get("model") or {})
    check_second_stage(network, training_config, bool(config.get("warm_start")))
    kind = network.second_stage
    reader = batch_reader(dataset, transform, training_config.corrects_positions, kind)
    with workers.scope():
        model = _model(config, network, training_config, split, transform, reader)
    training_files = matching_files(arguments["train_files"])
    training = Training(
        dataset,
        model,
        training_config,
        reader,
        training_files,
        matching_files(arguments["eval_files"]),
        _checkpoints(arguments, split),
        workers,
    )
    training.run(EpochLog(arguments["model_run_dir"]) if workers.is_chief else None)
    scored = training.validation.scored() if training_config.calibrated else None
    if workers.is_chief:
        calibration = fitted_calibration(model, scored, transform, training_files)
        signatures = Signatures(dataset, model, transform, calibration)
        folder = arguments["serving_model_dir"]
        examination = training.learnt_examination()
        export_model(folder, signatures, dataset, model.config, training_config, split, examination)
        training.checkpoints.delete()
    workers.wait()


def _model(
    config: Mapping[str, Any],
    network: ModelConfig,
    training: TrainingConfig,
    split: FeatureSplit,
    transform: TransformGraph,
    reader: Reader,
) -> RankingModel:
    dataset = Dataset.model_validate(config["dataset"])
    pushed = PushedModel.load(config["warm_start"]) if config.get("warm_start") else None
    model = RankingModel(
        dataset,
        network,
        training,
        split,
        transform.sizes,
        pushed.embedding_widths() if pushed else None,
    )
    if pushed:
        model(reader(tf.zeros([0], tf.string)))
        report = warm_start(model, transform.vocabularies(), pushed)
        check_first_stage(model.kind_streams, report)
        report.log()
    return model


def fitted_calibration(
    model: RankingModel,
    scored: ScoredLists | None,
    transform: TransformGraph,
    training_files: Sequence[str],
) -> Calibration | None:
    """Fitted to validation lists; it follows from the weights, and so needs no checkpoint."""
    if scored is None:
        return None
    dataset = model.dataset
    # Training lists that were cut are acted on more often than whole ones, and so may be a kind.
    cut = dataset.longest_training_list is not None or model.config.second_stage is not None
    return fit_calibration(
        [task.name for task in dataset.tasks],
        scored,
        place_ids(dataset, transform.vocabularies()),
        model.descending,
        None if cut else label_totals(training_files, dataset),
    )


def _checkpoints(arguments: Mapping[str, Any], split: FeatureSplit) -> str:
    """A folder that no other training has."""
    config = arguments["custom_config"]
    graph = below(arguments["transform_graph_path"], "transform_fn", "*.pb")
    patterns = [arguments["train_files"], arguments["eval_files"], [graph]]
    files = [file for one in patterns for file in matching_files(one)]
    fingerprint = training_fingerprint(_identity(config), [split.model_dump_json()], files)
    return below(config.get("checkpoint_dir") or arguments["model_run_dir"], fingerprint)


def _identity(config: Mapping[str, Any]) -> dict[str, Any]:
    """What tells this training from another one; paths do not."""
    places = ("checkpoint_dir", "region_split")
    return {name: value for name, value in config.items() if name not in places}
