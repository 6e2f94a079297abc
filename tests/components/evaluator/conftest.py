"""Lists with labels and tiny models that rank them."""

import os
import subprocess

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from data.definition.dataset import Dataset
from tests.answers_here import PopenHere
from tests.components.evaluator.prices import known

ITEMS = 5


def shop_dataset() -> Dataset:
    tasks = [
        {"name": "click", "grade": 1, "true_probability": "p_click"},
        {"name": "purchase", "grade": 2, "true_probability": "p_purchase"},
    ]
    return Dataset.model_validate(
        {
            "name": "shop",
            "list_id": "search",
            "tasks": tasks,
            "region": "country",
            "platform": "device",
            "position": "position",
            "user": "user",
            "randomised": "shuffled",
            "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
        }
    )


def _feature(values: list[float] | list[bytes]) -> tf.train.Feature:
    if isinstance(values[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


def example(number: int, random: np.random.Generator, region: str, platform: str) -> bytes:
    """A list whose cheaper items are clicked and bought more often."""
    price = random.normal(size=ITEMS)
    click = 1 / (1 + np.exp(2 * price))
    purchase = click * 0.5
    drawn = random.random(ITEMS)
    features = {
        "price": price.tolist(),
        "label_click": (drawn < click).astype(float).tolist(),
        "label_purchase": (drawn < purchase).astype(float).tolist(),
        "truth_click": click.tolist(),
        "truth_purchase": purchase.tolist(),
        "item_position": np.arange(1.0, ITEMS + 1).tolist(),
        "list_id": [b"%d" % number],
        "list_user": [b"user %d" % (number // 2)],
        "list_region": [region.encode()],
        "list_platform": [platform.encode()],
        "list_randomised": [b"true" if number % 4 == 0 else b"false"],
        "list_weight": [1.0],
    }
    keyed = {key: _feature(values) for key, values in features.items()}
    return tf.train.Example(features=tf.train.Features(feature=keyed)).SerializeToString()


def write_example_lists(folder: Path, lists: int, files: int = 1, seed: int = 0) -> None:
    """Lists of region DE and FR (three to one) and platforms app and web, spread over files."""
    random = np.random.default_rng(seed)
    rows = [
        example(i, random, "FR" if i % 4 == 3 else "DE", ("app", "web")[i % 2])
        for i in range(lists)
    ]
    folder.mkdir(parents=True)
    for part in range(files):
        path = folder / f"lists-{part:05d}.tfrecord"
        with tf.io.TFRecordWriter(str(path)) as writer:
            for row in rows[part::files]:
                writer.write(row)


class PriceRanker(tf.Module):
    """score = -slope * price; probabilities of `tasks` from it; optionally NaN for some items."""

    def __init__(
        self, slope: float, tasks: tuple[str, ...], feature: str, nan_above: float
    ) -> None:
        super().__init__()
        self._slope, self._tasks, self._feature = slope, tasks, feature
        self._nan_above = nan_above

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, name="examples")], autograph=False
    )
    def serve_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        spec = {self._feature: tf.io.RaggedFeature(tf.float32)}
        price = tf.io.parse_example(examples, spec)[self._feature]
        return self._outputs(tf.ragged.map_flat_values(known, price).to_tensor(float("nan")))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="price")], autograph=False)
    def serving_default(self, price: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._outputs(known(price))

    def _outputs(self, price: tf.Tensor) -> dict[str, tf.Tensor]:
        score = tf.where(price > self._nan_above, float("nan"), -self._slope * price)
        outputs = {"score": tf.where(tf.math.is_nan(price), float("nan"), score)}
        for number, task in enumerate(self._tasks):
            outputs[f"probability_{task}"] = tf.sigmoid(outputs["score"]) * 0.5**number
        return outputs


@dataclass(frozen=True)
class ModelMaker:
    """Writes SavedModels under a folder."""

    folder: Path

    def __call__(
        self,
        name: str,
        slope: float = 1.0,
        tasks: tuple[str, ...] = ("click", "purchase"),
        feature: str = "price",
        nan_above: float = float("inf"),
    ) -> Path:
        model = PriceRanker(slope, tasks, feature, nan_above)
        path = self.folder / name / "Format-Serving"
        signatures = {
            "serve_examples": model.serve_examples,
            "serving_default": model.serving_default,
        }
        tf.saved_model.save(model, str(path), signatures=signatures)
        return path.parent


@pytest.fixture(autouse=True)
def _models_answer_in_this_process(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for the tests that are marked with `fresh_process`."""
    if not request.node.get_closest_marker("fresh_process"):
        monkeypatch.setattr(subprocess, "Popen", PopenHere)


@pytest.fixture
def make_model(tmp_path: Path) -> Callable[..., Path]:
    return ModelMaker(tmp_path / "models")


@pytest.fixture(name="write_lists")
def _write_lists() -> Callable[..., None]:
    return write_example_lists


@pytest.fixture(name="shop")
def _shop() -> Dataset:
    return shop_dataset()
