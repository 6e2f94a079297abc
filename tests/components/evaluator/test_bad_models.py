"""Models that must not be blessed, through the whole executor, each with the reason it gets."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tfx.types import standard_artifacts

from components.evaluator.config import EvaluationConfig
from components.evaluator.executor import Executor
from components.evaluator.results import Verdict
from data.definition.dataset import Dataset

LISTS = 240
TASKS = ("click", "purchase")
# By the price and the place in the list, ["..."] the region, of one list.
Score = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


class Shop(tf.Module):
    """Scores items by their price and their region."""

    def __init__(self, score: Score) -> None:
        super().__init__()
        self._score = score

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, name="examples")], autograph=False
    )
    def serve_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        spec = {
            "price": tf.io.RaggedFeature(tf.float32),
            "list_region": tf.io.FixedLenFeature([], tf.string, ""),
        }
        parsed = tf.io.parse_example(examples, spec)
        price = parsed["price"].to_tensor(-7.0)
        scores = self._score(price, parsed["list_region"][:, tf.newaxis])
        there = tf.sequence_mask(parsed["price"].row_lengths(), tf.shape(price)[1])
        return self._outputs(tf.where(there, scores, float("nan")))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="price")], autograph=False)
    def serving_default(self, price: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._outputs(self._score(price[tf.newaxis], tf.constant([[""]]))[0])

    def _outputs(self, score: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"score": score, **{f"probability_{task}": tf.sigmoid(score) for task in TASKS}}


def known(price: tf.Tensor) -> tf.Tensor:
    """A finite price: missing and infinite ones are the mean, large ones are cut."""
    return tf.clip_by_value(tf.where(tf.math.is_finite(price), price, 0.0), -9.0, 9.0)


def good(price: tf.Tensor, region: tf.Tensor) -> tf.Tensor:
    return -known(price) + 0.0 * tf.cast(tf.strings.length(region), tf.float32)


def middling(price: tf.Tensor, region: tf.Tensor) -> tf.Tensor:
    """Right but for one item in two or so."""
    return -known(price) + 2.0 * noise(price)


def constant(price: tf.Tensor, region: tf.Tensor) -> tf.Tensor:
    return 0.0 * known(price)


def noise(price: tf.Tensor) -> tf.Tensor:
    """What has nothing to do with the actions, as learnt from shuffled labels."""
    return tf.sin(1e4 * known(price))


def shuffled(price: tf.Tensor, region: tf.Tensor) -> tf.Tensor:
    return noise(price)


def worse_in_france(price: tf.Tensor, region: tf.Tensor) -> tf.Tensor:
    return tf.where(region == "FR", known(price), -known(price))


def nan_where_all_is_equal(price: tf.Tensor, region: tf.Tensor) -> tf.Tensor:
    """A deviation of zero in a denominator."""
    price = known(price)
    spread = tf.math.reduce_std(price, axis=-1, keepdims=True)
    return tf.where(spread == 0.0, float("nan"), -price)


def slow(price: tf.Tensor, region: tf.Tensor) -> tf.Tensor:
    wide = tf.random.stateless_normal([1500, 1500], [1, 2])
    for _ in range(3):
        wide = tf.linalg.matmul(wide, wide) * 1e-3
    return -known(price) + 0.0 * tf.clip_by_value(wide[0, 0], -1.0, 1.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bad_models")


def artifact(folder: Path, score: Score) -> standard_artifacts.Model:
    model = standard_artifacts.Model()
    model.uri, model.id = str(folder / score.__name__), 1
    path = folder / score.__name__ / "Format-Serving"
    if not path.exists():
        shop = Shop(score)
        signatures = {name: getattr(shop, name) for name in ("serve_examples", "serving_default")}
        tf.saved_model.save(shop, str(path), signatures=signatures)
    return model


@pytest.fixture
def verdict(
    folder: Path, tmp_path: Path, shop: Dataset, write_lists: Callable[..., None]
) -> Callable[..., Verdict]:
    def judged(score: Score, baseline: Score | None = None, **config: object) -> Verdict:
        lists = standard_artifacts.Examples()
        lists.uri, lists.split_names = str(folder / "lists"), '["eval"]'
        if not Path(lists.uri).exists():
            write_lists(folder / "lists" / "Split-eval", LISTS)
        outputs = {
            "evaluation": standard_artifacts.ModelEvaluation(),
            "blessing": standard_artifacts.ModelBlessing(),
        }
        for name, output in outputs.items():
            output.uri = str(tmp_path / name)
            Path(output.uri).mkdir()
        settings = EvaluationConfig.model_validate({"smallest_slice": 20, **config})
        Executor().Do(
            {
                "examples": [lists],
                "model": [artifact(folder, score)],
                "baseline_model": [artifact(folder, baseline)] if baseline else [],
            },
            {name: [output] for name, output in outputs.items()},
            {
                "dataset": shop.model_dump_json(),
                "evaluation_config": settings.model_dump_json(),
            },
        )
        text = (tmp_path / "evaluation" / "verdict.json").read_text()
        return Verdict.model_validate_json(text)

    return judged


@pytest.mark.fresh_process
def test_a_good_model_is_blessed(verdict: Callable[..., Verdict]) -> None:
    found = verdict(good, latency={"at_most_ms": 5000, "requests": 5})
    assert found.blessed, found.reason
    served = [gate for gate in found.gates if gate.gate.startswith("serving")]
    assert [gate.passed for gate in served] == [True] * 3
    assert "0 of 100 lists" in served[0].why
    assert "8 lists: one item, 1,000 items, equal items" in served[1].why


@pytest.mark.reliability("gate")
@pytest.mark.parametrize(
    ("score", "baseline", "config", "words"),
    [
        (constant, None, {}, ("above a random order, overall: +0.0000",)),
        (shuffled, None, {}, ("above a random order, overall: ",)),
        (
            worse_in_france,
            middling,
            {},
            ("no worse than the last blessed model, region FR: change -0.",),
        ),
        (nan_where_all_is_equal, None, {}, ("list equal items: 25 items have no finite score",)),
        (
            slow,
            None,
            {"latency": {"at_most_ms": 0.01, "requests": 10}},
            ("95% of answers within 0.01 ms, items 200: ", "ms, 0.01 at most"),
        ),
    ],
)
def test_a_bad_model_is_not_blessed_and_the_reason_names_slice_and_figure(
    verdict: Callable[..., Verdict],
    record_property: Callable[[str, object], None],
    score: Score,
    baseline: Score | None,
    config: dict[str, object],
    words: tuple[str, ...],
) -> None:
    found = verdict(score, baseline, **config)
    assert not found.blessed
    assert np.all([word in found.reason for word in words]), found.reason
    record_property("what", score.__name__.replace("_", " "))
    record_property("tried", 1)
    record_property("outcome", found.reason)
