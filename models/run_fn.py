"""What the Trainer component runs. TFX loads this module anew, so it defines no class."""

from collections.abc import Mapping
from typing import Any

import tensorflow as tf

from data.dataset import Dataset
from data.places import below
from data.region_split import FeatureSplit
from models.checkpoints import training_fingerprint
from models.config import ModelConfig, TrainingConfig
from models.epoch_log import EpochLog
from models.export import export_model
from models.input_pipeline import batch_reader, matching_files
from models.pushed_model import PushedModel
from models.ranking_model import RankingModel
from models.signatures import Signatures
from models.training import Training
from models.transform_graph import TransformGraph
from models.warm_start import warm_start


def run_fn(fn_args: Any) -> None:
    """Trains a model and exports it.

    Args:
        fn_args: TFX's `FnArgs`: `train_files` and `eval_files` (patterns of training and of
            validation lists), `transform_graph_path`, `serving_model_dir` (the SavedModel),
            `model_run_dir` (TensorBoard logs and history.json), and `custom_config`: `dataset`,
            `model` and `training` (definitions as JSON), `region_split` (path of a
            region_split.json), `warm_start` (a version of a pushed model whose weights training
            starts from; none draws them) and `checkpoint_dir` (a folder that outlives a killed
            run; none keeps checkpoints in `model_run_dir`). All of it but `checkpoint_dir` tells
            one training from another, and so may further entries.

    Raises:
        InputError: there are no training lists, definitions contradict each other, the pushed
            model does not fit them, or a loss is not finite.
    """
    config = fn_args.custom_config
    dataset = Dataset.model_validate(config["dataset"])
    model_config = ModelConfig.model_validate(config.get("model") or {})
    training_config = TrainingConfig.model_validate(config.get("training") or {})
    split = FeatureSplit.load(config["region_split"])
    training_files = matching_files(fn_args.train_files)
    validation_files = matching_files(fn_args.eval_files)
    graph_files = matching_files([below(fn_args.transform_graph_path, "transform_fn", "*.pb")])
    fingerprint = training_fingerprint(
        _identity(config),
        [split.model_dump_json()],
        [*training_files, *validation_files, *graph_files],
    )
    tf.keras.utils.set_random_seed(training_config.seed)
    transform = TransformGraph(dataset, fn_args.transform_graph_path)
    reader = batch_reader(dataset, transform)
    pushed = PushedModel.load(config["warm_start"]) if config.get("warm_start") else None
    model = RankingModel(
        dataset,
        model_config,
        training_config,
        split,
        transform.sizes,
        pushed.embedding_widths() if pushed else None,
    )
    if pushed:
        model(reader(tf.zeros([0], tf.string)))
        warm_start(model, transform.vocabularies(), pushed).log()
    checkpoints = config.get("checkpoint_dir") or fn_args.model_run_dir
    training = Training(
        dataset,
        model,
        training_config,
        reader,
        training_files,
        validation_files,
        below(checkpoints, fingerprint),
    )
    training.run(EpochLog(fn_args.model_run_dir))
    signatures = Signatures(dataset, model, transform)
    export_model(
        fn_args.serving_model_dir, signatures, dataset, model.config, training_config, split
    )
    training.checkpoints.delete()


def _identity(config: Mapping[str, Any]) -> dict[str, Any]:
    """What tells this training from another one; paths do not."""
    places = ("checkpoint_dir", "region_split")
    return {name: value for name, value in config.items() if name not in places}
