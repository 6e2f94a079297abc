"""A small dataset, its lists in files, its transform graph and a model trained on them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
import tensorflow as tf

from data.artifacts.calibration import Calibration
from data.artifacts.region_split import FeatureSplit
from data.artifacts.served_answer import ExportedModel
from data.artifacts.vocabulary_files import exported_vocabularies
from data.definition.dataset import Dataset
from models.calibration.calibrated import Calibrated
from models.calibration.places import place_ids
from models.config import ModelConfig, TrainingConfig
from models.features.fitting import fit_transform_graph
from models.features.transform_graph import TransformGraph
from models.ranking_model import RankingModel
from models.training.epoch_log import EpochLog
from models.training.input_pipeline import Reader, batch_reader, matching_files
from models.training.pushed_model import PushedModel
from models.training.run_fn import run_fn
from models.training.training import Training
from models.training.warm_start import warm_start

Values = Sequence[float] | Sequence[str]
REGIONS = ("DE", "JP", "")
BRANDS = ("acme", "łódź", "", "zeta", "rare 1", "rare 2")


class List(NamedTuple):
    """Raw values of one list: context features, item features and labels by key."""

    context: dict[str, Values]
    item: dict[str, Values]

    def serialized(self) -> bytes:
        """As a tf.Example."""
        features = {name: _feature(values) for name, values in (self.context | self.item).items()}
        return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def _feature(values: Values) -> tf.train.Feature:
    if isinstance(next(iter(values), 0.0), str):
        encoded = [str(value).encode() for value in values]
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=encoded))
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


@pytest.fixture(scope="session")
def dataset() -> Dataset:
    return Dataset.model_validate(
        {
            "name": "small",
            "list_id": "id",
            "region": "region",
            "country_features": ["region", "wealth"],
            "tasks": [{"name": "click", "grade": 1}, {"name": "order", "grade": 2}],
            "features": [
                {"name": "region", "scope": "context", "kind": "categorical"},
                {"name": "wealth", "scope": "context", "kind": "numeric"},
                {"name": "nights", "scope": "context", "kind": "bucketed", "boundaries": [2, 5]},
                {
                    "name": "price",
                    "scope": "item",
                    "kind": "numeric",
                    "log": True,
                    "within_list": ["percentile", "standardised"],
                },
                {"name": "rating", "scope": "item", "kind": "numeric"},
                {"name": "brand", "scope": "item", "kind": "categorical", "vocabulary_size": 3},
                {"name": "age", "scope": "item", "kind": "bucketed", "buckets": 4},
                {"name": "image", "scope": "item", "kind": "vector", "length": 2},
            ],
        }
    )


@pytest.fixture(scope="session")
def split() -> FeatureSplit:
    return FeatureSplit(
        country=("region", "wealth"),
        dependent=("price", "brand"),
        invariant=("nights", "rating", "age", "image"),
    )


@pytest.fixture(scope="session")
def lists() -> list[List]:
    return [_draw_list(number) for number in range(240)]


def _draw_list(number: int) -> List:
    generator = np.random.default_rng((7, number))
    items = int(generator.integers(1, 9))
    price = generator.lognormal(3, 1, items)
    price[generator.random(items) < 0.2] = np.nan
    if number == 0:
        price[0] = np.inf
    rating = generator.normal(4, 0.5, items)
    brand = generator.choice(BRANDS, items, p=[0.3, 0.25, 0.15, 0.2, 0.05, 0.05])
    liking = rating - 4 + (brand == "acme")
    click = generator.random(items) < 1 / (1 + np.exp(1 - 2 * liking))
    order = np.where(generator.random(items) < 0.1, np.nan, click & (generator.random(items) < 0.5))
    return List(
        {
            "list_id": [f"list {number}"],
            "list_weight": [1.0 + number % 2],
            "region": [str(generator.choice(REGIONS, p=[0.6, 0.3, 0.1]))],
            "wealth": [float(generator.normal(30, 5))],
            "nights": [float(generator.integers(1, 8))],
        },
        {
            "price": price.tolist(),
            "rating": rating.tolist(),
            "brand": brand.tolist(),
            "age": generator.exponential(10, items).tolist(),
            "image": generator.normal(0, 3, 2 * items).tolist(),
            "label_click": click.astype(float).tolist(),
            "label_order": order.tolist(),
        },
    )


@pytest.fixture(scope="session")
def write_lists() -> Callable[[Path, Sequence[List]], str]:
    def write(path: Path, lists: Sequence[List]) -> str:
        with tf.io.TFRecordWriter(str(path)) as writer:
            for one in lists:
                writer.write(one.serialized())
        return str(path)

    return write


def answers_of_weights(
    model: RankingModel, batch: Mapping[str, tf.Tensor], graph: TransformGraph, folder: Path
) -> np.ndarray:
    """The scores, calibrated, of a network that takes all its weights from an exported one."""
    model(batch)
    pushed = PushedModel.load(str(folder))
    report = warm_start(model, exported_vocabularies(model.dataset, str(folder)), pushed)
    assert not {**report.misfits, **report.grown}
    assert not [*report.new, *report.left]
    saved = (folder / "assets.extra" / "calibration.json").read_text()
    calibration = Calibration.model_validate_json(saved)
    places = place_ids(model.dataset, graph.vocabularies())
    calibrated = Calibrated(calibration, places, graph.sizes)
    return model.score(calibrated(model(batch).logits, batch)).numpy()


class Files(NamedTuple):
    """Folder and patterns of the small dataset's files."""

    folder: Path
    train: str
    validation: str
    transform_graph: str
    region_split: str


@pytest.fixture(scope="session")
def files(
    tmp_path_factory: pytest.TempPathFactory,
    dataset: Dataset,
    split: FeatureSplit,
    lists: list[List],
    write_lists: Callable[[Path, Sequence[List]], str],
) -> Files:
    folder = tmp_path_factory.mktemp("small")
    write_lists(folder / "train-0", lists[:100])
    write_lists(folder / "train-1", lists[100:200])
    validation = write_lists(folder / "validation-0", lists[200:])
    graph = str(folder / "graph")
    fit_transform_graph(dataset, [str(folder / "train-*")], graph, str(folder / "scratch"))
    split.save(folder / "region_split.json")
    return Files(
        folder, str(folder / "train-*"), validation, graph, str(folder / "region_split.json")
    )


SMALL_MODEL = {
    "token_units": (8,),
    "recurrent_units": (8,),
    "transformed_units": (8,),
    "invariant_units": (8,),
    "mask_units": (4,),
    # What a step trains is what it answers.
    "dropout": 0.0,
}
# Where the ranker does not matter: TensorFlow traces this one faster.
QUICK_MODEL = {"ranker": "shared_bottom", "level_units": (8,), "tower_units": (), "dropout": 0.0}
SMALL_TRAINING = {"lists_per_batch": 32, "epochs": 3}
Given = Mapping[str, Any] | None


@pytest.fixture(scope="session")
def arguments(dataset: Dataset, files: Files) -> Callable[..., dict[str, Any]]:
    """What run_fn is given."""

    def of(
        folder: Path,
        training: Given = None,
        model: Given = None,
        checkpoints: Path | None = None,
        warm_start: Path | None = None,
        train_files: str = files.train,
    ) -> dict[str, Any]:
        definitions = {
            "dataset": dataset,
            "model": ModelConfig.model_validate({**SMALL_MODEL, **(model or {})}),
            "training": TrainingConfig.model_validate({**SMALL_TRAINING, **(training or {})}),
        }
        config = {name: value.model_dump(mode="json") for name, value in definitions.items()}
        config |= {
            "region_split": files.region_split,
            "checkpoint_dir": str(checkpoints or folder / "checkpoints"),
            "warm_start": warm_start and str(warm_start),
        }
        return {
            "train_files": [train_files],
            "eval_files": [files.validation],
            "transform_graph_path": files.transform_graph,
            "serving_model_dir": str(folder / "model"),
            "model_run_dir": str(folder / "run"),
            "custom_config": config,
        }

    return of


@pytest.fixture(scope="session")
def train(arguments: Callable[..., dict[str, Any]]) -> Callable[..., Path]:
    """Runs run_fn into a folder; `model`, `run` and, until the end, `checkpoints` are its parts."""

    def run(folder: Path, *given: Any, **named: Any) -> Path:
        run_fn(SimpleNamespace(**arguments(folder, *given, **named)))
        return folder

    return run


@pytest.fixture(scope="session")
def graph(dataset: Dataset, files: Files) -> TransformGraph:
    return TransformGraph(dataset, files.transform_graph)


@pytest.fixture(scope="session")
def reader(dataset: Dataset, graph: TransformGraph) -> Reader:
    return batch_reader(dataset, graph)


@pytest.fixture(scope="session")
def build_model(
    dataset: Dataset, split: FeatureSplit, graph: TransformGraph
) -> Callable[..., RankingModel]:
    """Makes a small model as run_fn does."""

    def build(training: Given = None, model: Given = None) -> RankingModel:
        chosen = TrainingConfig.model_validate({**SMALL_TRAINING, **(training or {})})
        network = ModelConfig.model_validate({**SMALL_MODEL, **(model or {})})
        tf.keras.utils.set_random_seed(chosen.seed)
        return RankingModel(dataset, network, chosen, split, graph.sizes)

    return build


@pytest.fixture(scope="session")
def learn(
    dataset: Dataset, files: Files, reader: Reader, build_model: Callable[..., RankingModel]
) -> Callable[..., Training]:
    """Trains as run_fn does, but exports nothing."""

    def run(
        folder: Path,
        training: Given = None,
        model: Given = None,
        train_files: str = files.train,
        validation_files: str = files.validation,
        network: RankingModel | None = None,
    ) -> Training:
        chosen = TrainingConfig.model_validate({**SMALL_TRAINING, **(training or {})})
        learning = Training(
            dataset,
            network or build_model(training, model),
            chosen,
            reader,
            matching_files([train_files]),
            matching_files([validation_files]),
            str(folder / "checkpoints"),
        )
        learning.run(EpochLog(str(folder / "run")))
        return learning

    return run


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, train: Callable[..., Path]) -> Path:
    """The folder of a training with everything on."""
    training = {
        "averaged_weights": 0.9,
        "weight_decay": 0.01,
        "gradient_clip": 1.0,
        "learning_rate": 0.01,
        "task_losses": {"order": {"losses": {"gumbel_approx_ndcg": 1.0}, "graded": True}},
    }
    model = {"dropout": 0.1, "unknown_region_share": 0.2, "linear_path": True}
    return train(tmp_path_factory.mktemp("trained"), training=training, model=model)


@pytest.fixture(scope="session")
def exported(trained: Path) -> Any:
    return tf.saved_model.load(str(trained / "model"))


@pytest.fixture(scope="session")
def ranker(trained: Path) -> ExportedModel:
    return ExportedModel(str(trained / "model"))


@pytest.fixture
def in_float64() -> Iterator[None]:
    """Layers compute in float64, as reference code does."""
    tf.keras.backend.set_floatx("float64")
    yield
    tf.keras.backend.set_floatx("float32")
