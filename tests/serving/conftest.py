"""A model of the simulated marketplace as `make run` pushes it, untrained."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
import tensorflow as tf

from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset
from data.lists.encoding import encode
from data.lists.lists import group_rows
from data.loading import load_dataset
from data.simulator import SimulatorConfig, write_logs
from models.config import ModelConfig, TrainingConfig
from models.features.fitting import fit_transform_graph
from models.training.run_fn import run_fn
from pipeline.log_rows import read_rows


@pytest.fixture(scope="session")
def serving_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with versions 1 and 2 of the same model."""
    folder = tmp_path_factory.mktemp("serving")
    dataset = load_dataset("simulated")
    lists = _write_lists(dataset, folder)
    graph = str(folder / "graph")
    fit_transform_graph(dataset, [lists], graph, str(folder / "scratch"))
    named = dataset.country_features
    others = tuple(f.name for f in dataset.features if f.name not in named)
    FeatureSplit(country=named, invariant=others).save(folder / "region_split.json")
    definitions = {"dataset": dataset, "model": ModelConfig(), "training": TrainingConfig(epochs=0)}
    config = {name: value.model_dump(mode="json") for name, value in definitions.items()}
    versions = folder / "output" / "simulated" / "serving_model"
    run_fn(
        SimpleNamespace(
            train_files=[lists],
            eval_files=[lists],
            transform_graph_path=graph,
            serving_model_dir=str(versions / "1"),
            model_run_dir=str(folder / "run"),
            custom_config={**config, "region_split": str(folder / "region_split.json")},
        )
    )
    shutil.copytree(versions / "1", versions / "2")
    return versions


def _write_lists(dataset: Dataset, folder: Path) -> str:
    write_logs(SimulatorConfig(lists=60), folder / "logs")
    rows = read_rows(dataset, [str(folder / "logs")])
    path = str(folder / "lists")
    with tf.io.TFRecordWriter(path) as writer:
        for example in encode(group_rows(dataset, rows.canonical)):
            writer.write(example)
    return path
