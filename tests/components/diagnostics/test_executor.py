"""The executor on lists that the test makes and a model of which all is known."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.types import standard_artifacts

from components.diagnostics.component import DiagnosticsArtifact
from components.diagnostics.executor import Executor
from components.diagnostics.results import Diagnostics
from components.evaluator.config import EvaluationConfig
from data.artifacts.calibration import Calibration, Shifts
from data.artifacts.vocabulary_files import UnknownValues
from data.definition.dataset import Dataset
from data.metrics.list_metrics import list_ndcg

LISTS = 60
LENGTHS = 4 + np.arange(LISTS) % 3


def dataset(randomised: bool = False) -> Dataset:
    return Dataset.model_validate(
        {
            "name": "shop",
            "list_id": "search",
            "tasks": [{"name": "click", "grade": 1}, {"name": "purchase", "grade": 2}],
            "region": "country",
            "domestic": "domestic",
            "position": "position",
            "randomised": "shuffled" if randomised else None,
            "features": [
                {"name": "price", "scope": "item", "kind": "numeric"},
                {"name": "style", "scope": "item", "kind": "vector", "length": 2},
                {"name": "brand", "scope": "item", "kind": "categorical"},
                {"name": "hour", "scope": "context", "kind": "numeric"},
                {"name": "place", "column": "country", "scope": "context", "kind": "categorical"},
            ],
        }
    )


def feature(values: list[float] | list[bytes]) -> tf.train.Feature:
    if isinstance(values[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


def example(
    number: int, random: np.random.Generator, acted_on: bool, randomised: bool | None = None
) -> bytes:
    """The cheapest item is clicked, or none; it alone is domestic; nothing is bought."""
    items = int(LENGTHS[number % LISTS])
    price = random.permutation(items).astype(float)
    features = {
        "price": price.tolist(),
        "style": random.random(2 * items).tolist(),
        "brand": [b"", *[b"b"] * (items - 1)],
        "hour": [float(number % 24)],
        "place": [b"FR" if number % 4 == 3 else b"DE"],
        "label_click": ((price == 0) & acted_on).astype(float).tolist(),
        "label_purchase": [0.0] * items,
        "item_position": np.arange(1.0, items + 1).tolist(),
        "item_domestic": (price == 0).astype(float).tolist(),
        "list_id": [b"%d" % number],
        "list_region": [b"FR" if number % 4 == 3 else b"DE"],
        "list_platform": [b"all"],
        "list_user": [b"%d" % number],
        "list_weight": [1.0],
    }
    if randomised is not None:
        features["list_randomised"] = [b"true" if randomised else b"false"]
    keyed = {key: feature(values) for key, values in features.items()}
    return tf.train.Example(features=tf.train.Features(feature=keyed)).SerializeToString()


class CheapestFirst(tf.Module):
    """Ranks by price alone; an item of price `faulty` has no score."""

    def __init__(self, faulty: float) -> None:
        super().__init__()
        self._faulty = faulty

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, name="examples")], autograph=False
    )
    def serve_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._scores(self._prices(examples).to_tensor(float("nan")))

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, name="examples")], autograph=False
    )
    def columns_of_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        prices = self._prices(examples).values[:, tf.newaxis]
        return {"columns": prices, "offsets": tf.zeros_like(prices)}

    @tf.function(
        input_signature=[tf.TensorSpec([None, 1]), tf.TensorSpec([None, 1])], autograph=False
    )
    def scores_of_columns(self, columns: tf.Tensor, offsets: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._scores(columns[:, 0] + offsets[:, 0])

    def _prices(self, examples: tf.Tensor) -> tf.RaggedTensor:
        spec = {"price": tf.io.RaggedFeature(tf.float32)}
        return tf.io.parse_example(examples, spec)["price"]

    def _scores(self, price: tf.Tensor) -> dict[str, tf.Tensor]:
        score = tf.where(price == self._faulty, float("nan"), 1 / (1 + price))
        return {"score": score, "probability_click": score, "probability_purchase": score / 2}


def write_split(folder: Path, records: list[bytes], files: int = 1) -> None:
    folder.mkdir(parents=True)
    for part in range(files):
        with tf.io.TFRecordWriter(str(folder / f"lists-{part}.tfrecord")) as writer:
            for record in records[part::files]:
                writer.write(record)


def diagnose(
    folder: Path,
    faulty: float = -1.0,
    files: int = 1,
    acted_on: bool = True,
    calibration: Calibration | None = None,
    explains: bool = True,
    shuffled: int = 0,
) -> Diagnostics:
    random = np.random.default_rng(0)
    marked = False if shuffled else None
    records = [example(number, random, acted_on, marked) for number in range(LISTS)]
    write_split(folder / "lists" / "Split-eval", records, files)
    if shuffled:
        others = [example(number, random, True, number % 2 == 0) for number in range(2 * shuffled)]
        write_split(folder / "lists" / "Split-train", others, files=2)
        write_split(folder / "lists" / "Split-validation", records)
    model = CheapestFirst(faulty)
    signatures = {"serve_examples": model.serve_examples}
    tf.saved_model.save(model, str(folder / "model" / "Format-Serving"), signatures=signatures)
    assets = folder / "model" / "Format-Serving" / "assets"
    assets.mkdir(exist_ok=True)
    (assets / "vocabulary_002_brand").write_bytes(b"a\n")
    (assets / "vocabulary_004_place").write_bytes(b"DE\nFR\n")
    extra = assets.parent / "assets.extra"
    extra.mkdir()
    if explains:
        (extra / "columns.json").write_text('["price"]')
    if calibration:
        (extra / "calibration.json").write_text(calibration.model_dump_json())
    examples, trained = standard_artifacts.Examples(), standard_artifacts.Model()
    examples.uri = str(folder / "lists")
    examples.split_names = '["train", "validation", "eval"]' if shuffled else '["eval"]'
    trained.uri = str(folder / "model")
    output = DiagnosticsArtifact()
    output.uri = str(folder / "diagnostics")
    Path(output.uri).mkdir()
    context = BaseBeamExecutor.Context(tmp_dir=str(folder / "tmp"), unique_id="1")
    Executor(context).Do(
        {"examples": [examples], "model": [trained]},
        {"diagnostics": [output]},
        {
            "dataset": dataset(randomised=shuffled > 0).model_dump_json(),
            "evaluation_config": EvaluationConfig(ndcg_at=("all",)).model_dump_json(),
        },
    )
    return Diagnostics.load(output.uri)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Diagnostics:
    return diagnose(tmp_path_factory.mktemp("found"))


def test_only_the_feature_that_ranks_is_important(found: Diagnostics) -> None:
    importance = found.importance
    assert importance.metric == "ndcg@all"
    assert importance.whole["click"] == 1.0
    for name in ("style", "brand", "hour", "place"):
        assert importance.lost[name]["click"].value == 0.0
    # Prices of other items say nothing: what is left is near the NDCG of a random order.
    gains = np.concatenate([np.eye(1, length)[0] for length in LENGTHS])
    random = np.mean(list_ndcg(gains, np.zeros(len(gains)), LENGTHS))
    lost = importance.lost["price"]["click"]
    assert lost.low < 1 - random < lost.high


def test_values_that_the_vocabulary_lacks_are_told(found: Diagnostics) -> None:
    known = {"brand": UnknownValues(share=1.0, distinct=1, example="b")}
    assert found.unknown_values == known


def test_a_task_without_a_positive_is_not_measurable(found: Diagnostics) -> None:
    assert found.importance.lists == {"click": LISTS, "purchase": 0, "graded": LISTS}
    assert found.importance.whole["purchase"] is None
    assert found.importance.lost["price"]["purchase"].value is None
    assert found.calibration["purchase"].observed == 0.0


def test_lists_without_any_action_are_not_measurable(tmp_path: Path) -> None:
    nothing = diagnose(tmp_path, acted_on=False)
    assert nothing.importance.lists == {"click": 0, "purchase": 0, "graded": 0}
    assert nothing.importance.whole == {"click": None, "purchase": None, "graded": None}
    assert nothing.calibration["click"].observed == 0.0
    assert nothing.domestic is not None
    assert nothing.domestic["FR"].acted_on == {"click": None, "purchase": None}


def test_the_first_two_items_of_a_few_lists_are_explained(found: Diagnostics) -> None:
    # The cheapest item, of price 0, stands above that of price 1.
    assert [pair.scores for pair in found.pairs] == [(1.0, 1 / 2)] * 3
    for pair in found.pairs:
        (feature,) = pair.features
        assert (feature.feature, feature.values) == ("price", ("0", "1"))
        assert feature.share == pytest.approx(1 / 2, rel=1e-3)
        assert pair.residual == pytest.approx(1 / 2 - feature.share)
    # Of lists of 4 to 6 items, short and long ones.
    assert [pair.items for pair in found.pairs] == sorted(pair.items for pair in found.pairs)


def test_a_model_that_explains_nothing_has_no_pairs(tmp_path: Path) -> None:
    assert diagnose(tmp_path, explains=False).pairs == ()


def test_domestic_shares_by_region(found: Diagnostics) -> None:
    assert found.domestic is not None
    assert {region: one.lists for region, one in found.domestic.items()} == {"DE": 45, "FR": 15}
    share = found.domestic["FR"]
    # Lists of the region are all within the first ten: every item counts, one a list is domestic.
    offered = 15 / LENGTHS[np.arange(LISTS) % 4 == 3].sum()
    assert share.offered == share.shown_first == pytest.approx(offered)
    assert share.ranked_first.value == pytest.approx(offered)
    assert share.acted_on == {"click": 1.0, "purchase": None}


def test_the_same_lists_in_other_files_give_the_same(found: Diagnostics, tmp_path: Path) -> None:
    assert diagnose(tmp_path, files=3) == found


def test_a_model_without_finite_scores_is_shown_as_it_is(tmp_path: Path) -> None:
    found = diagnose(tmp_path, faulty=0.0)
    assert found.faulty_items == LISTS
    assert found.calibration["click"].without_prediction == LISTS
    # What has no score ranks last.
    expected = np.mean(1 / np.log2(LENGTHS + 1))
    assert found.importance.whole["click"] == pytest.approx(expected)


def test_what_the_network_said_before_stands_beside_what_is_served(tmp_path: Path) -> None:
    # Served is 1 / (1 + price); lists of FR were raised by 1.
    shifts = Shifts(feature="place", values=("FR",), of_tasks=((1.0,), (0.0,)))
    calibration = Calibration(
        tasks=("click", "purchase"),
        first=-10,
        step=20,
        curves=((-12.0, 8.0), (-10.0, 10.0)),
        descending=True,
        shifts={"region": shifts},
    )
    found = diagnose(tmp_path, calibration=calibration)
    price = np.concatenate([np.arange(items) for items in LENGTHS]).astype(float)
    french = np.repeat(np.arange(LISTS) % 4 == 3, LENGTHS)
    # logit of 1 / (1 + price) is -log(price); the curve took 2 off.
    said = 1 / (1 + price * np.exp(-2 + french))
    assert found.calibration["click"].predicted == pytest.approx(np.mean(1 / (1 + price)))
    assert found.uncalibrated["click"].predicted == pytest.approx(np.mean(said))
    # Only DE has 30 lists with a click, one each.
    assert set(found.calibration_by_region) == {"DE"}
    of_region = found.calibration_by_region["DE"]["click"]
    assert of_region.positives == 45
    assert of_region.pcoc.value == pytest.approx((1 / (1 + price))[~french].sum() / 45)
    assert of_region.before is not None
    assert of_region.before.value == pytest.approx(said[~french].sum() / 45)


def test_a_model_without_calibration_has_nothing_before(found: Diagnostics) -> None:
    assert found.uncalibrated == {}
    assert found.calibration_by_region["DE"]["click"].before is None


def test_too_few_actions_say_nothing_of_a_new_order(found: Diagnostics) -> None:
    assert found.counterfactual is not None
    assert found.counterfactual.reason is not None
    assert f"found {LISTS}" in found.counterfactual.reason


def test_lists_in_random_order_of_all_splits_say_how_much_a_position_is_looked_at(
    tmp_path: Path,
) -> None:
    found = diagnose(tmp_path, shuffled=310).counterfactual
    assert found is not None
    assert found.examination is not None
    # Every second list of the training split; none of the others is marked.
    assert found.examination.source == "randomised"
    assert found.examination.lists == found.examination.actions == 310
    # The cheapest item, which is clicked in every list, moves to the first position.
    click = found.slices[0].targets["click"]
    assert click.shown.value == 1.0
    assert found.slices[0].lists == LISTS
    assert click.estimates["inverse_propensity"].effective_actions > 10
