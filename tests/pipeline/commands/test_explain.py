"""A model of which all is known: the score of an item is its quality times its cheapness."""

import json
from pathlib import Path

import pytest
import tensorflow as tf
import yaml

from data.explanation.explained_model import ExplainedModel, PairShares
from pipeline.cli import main
from pipeline.commands.explain import _sum

DATASET = {
    "name": "shop",
    "list_id": "search",
    "item": "sku",
    "tasks": [{"name": "click", "grade": 1}],
    "features": [
        {"name": "quality", "scope": "item", "kind": "numeric"},
        {"name": "cheapness", "column": "cheap", "scope": "item", "kind": "numeric"},
        {"name": "brand", "scope": "item", "kind": "categorical"},
        {"name": "hour", "scope": "context", "kind": "numeric"},
    ],
}
ROWS = """search,sku,quality,cheap,brand,hour
s1,a,3,4,x,7
s1,b,1,2,,7
s1,c,5,5,x,7
s2,a,1,1,x,8
"""


class Product(tf.Module):
    """score = quality * cheapness, probability = quality; the hour is of no use."""

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, name="examples")], autograph=False
    )
    def columns_of_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        spec = {name: tf.io.RaggedFeature(tf.float32) for name in ("quality", "cheapness")}
        parsed = tf.io.parse_example(examples, spec)
        columns = [parsed["quality"].values, parsed["cheapness"].values]
        hours = tf.fill(tf.shape(columns[0]), 7.0)
        joined = tf.stack([*columns, hours], axis=1)
        return {"columns": joined, "offsets": tf.zeros_like(joined[:, :1])}

    @tf.function(
        input_signature=[tf.TensorSpec([None, 3]), tf.TensorSpec([None, 1])], autograph=False
    )
    def scores_of_columns(self, columns: tf.Tensor, offsets: tf.Tensor) -> dict[str, tf.Tensor]:
        quality, cheapness, _ = tf.unstack(columns, axis=1)
        return {"score": quality * cheapness, "probability_click": quality + offsets[:, 0]}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serving_model") / "7"
    tf.saved_model.save(Product(), str(folder))
    extra = folder / "assets.extra"
    extra.mkdir()
    (extra / "dataset.yaml").write_text(yaml.safe_dump(DATASET))
    (extra / "columns.json").write_text(json.dumps(["quality", "cheapness", "hour"]))
    return folder


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    (tmp_path / "logs.csv").write_text(ROWS)
    return tmp_path / "logs.csv"


def explain(model: Path, logs: Path, *words: str) -> int:
    return main(["explain", "--model", str(model), "--input", str(logs), *words])


def cells(screen: str) -> list[list[str]]:
    """The rows of the table."""
    border = "\N{BOX DRAWINGS LIGHT VERTICAL}"
    rows = [line.split(border)[1:-1] for line in screen.splitlines() if line.startswith(border)]
    return [[cell.strip() for cell in row] for row in rows]


def test_the_first_two_are_explained(
    model: Path, logs: Path, capsys: pytest.CaptureFixture
) -> None:
    assert explain(model.parent, logs, "--list", "s1") == 0
    screen = capsys.readouterr().out
    assert (
        "List s1, 3 items by the score: item c is number 1 with 25.00000; "
        "item a is number 2 with 12.00000."
    ) in screen
    # From (3, 4) to (5, 5): 2 more of quality at a mean cheapness of 4.5, 1 of that at 4.
    assert cells(screen) == [
        ["quality", "5", "3", f"{2 * 4.5:+.5f}"],
        ["cheapness", "5", "4", f"{1 * 4.0:+.5f}"],
        ["1 other feature", "", "", "+0.00000"],
    ]
    assert "The score differs by +13.00000, which is what the features add together, to" in screen


def test_any_two_items_and_a_task(model: Path, logs: Path, capsys: pytest.CaptureFixture) -> None:
    words = ("--list", "s1", "--items", "b", "a", "--task", "click")
    assert explain(model, logs, *words) == 0
    screen = capsys.readouterr().out
    assert "item b is number 3 with 1.00000; item a is number 2 with 3.00000." in screen
    assert cells(screen)[0] == ["quality", "1", "3", "-2.00000"]
    assert "The probability of click differs by -2.00000" in screen


def test_items_without_ids_are_called_by_their_places(
    model: Path, logs: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    named = {name: value for name, value in DATASET.items() if name != "item"}
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(named))
    words = ("--list", "s1", "--items", "2", "3", "--dataset", str(tmp_path / "shop.yaml"))
    assert explain(model, logs, *words) == 0
    assert cells(capsys.readouterr().out)[0][1:3] == ["1", "5"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--list", "s3"], "--list: expected the id of one of 2 lists, found 's3'"),
        (["--list", "s2"], "--list: expected a list of two items or more, found one in 's2'"),
        (["--list", "s1", "--items", "a", "d"], "items of the list, a, b, c; found 'd'"),
        (["--list", "s1", "--items", "a", "a"], "--items: expected two items, found 'a' twice"),
        (["--list", "s1", "--task", "clik"], "click, found 'clik'; did you mean 'click'?"),
    ],
)
def test_what_is_not_there_is_told(
    model: Path, logs: Path, words: list[str], said: str, capsys: pytest.CaptureFixture
) -> None:
    assert explain(model, logs, *words) == 1
    assert said in capsys.readouterr().err


def test_the_shares_are_those_of_the_product(model: Path) -> None:
    values = {"quality": [3.0, 1.0], "cheapness": [4.0, 2.0]}
    features = {
        name: tf.train.Feature(float_list=tf.train.FloatList(value=given))
        for name, given in values.items()
    }
    example = tf.train.Example(features=tf.train.Features(feature=features))
    explained = ExplainedModel(str(model))
    of_list = explained.columns(example.SerializeToString())
    found = explained.explain(of_list, 0, 1, "score")
    # From (1, 2) to (3, 4): 2 of quality at a mean cheapness of 3, 2 of that at a mean quality 2.
    assert found.shares == pytest.approx({"quality": 2 * 3, "cheapness": 2 * 2, "hour": 0})
    assert (found.first, found.second, found.difference) == (12, 2, 10)


@pytest.mark.parametrize(
    ("list_id", "found"),
    [
        (["search", "page"], "expected one list, found 2 that 'x, y, z' may be: ('x, y', 'z'); "),
        ("search", "found rows with several values of 'hour' in 's1': lists with the same id?"),
    ],
    ids=["called alike", "the same id"],
)
def test_rows_of_several_lists_are_no_list(
    model: Path,
    tmp_path: Path,
    list_id: str | list[str],
    found: str,
    capsys: pytest.CaptureFixture,
) -> None:
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump({**DATASET, "list_id": list_id}))
    logs = tmp_path / "logs.csv"
    of_two = 's1,1,a,3,4,x,7\ns1,1,b,1,2,x,8\n"x, y",z,a,1,1,x,7\nx,"y, z",b,1,1,x,7\n'
    logs.write_text("search,page,sku,quality,cheap,brand,hour\n" + of_two)
    named = "s1" if isinstance(list_id, str) else "x, y, z"
    words = ("--list", named, "--dataset", str(tmp_path / "shop.yaml"))
    assert explain(model, logs, *words) == 1
    assert found in capsys.readouterr().err


def test_near_ties_are_told_as_far_as_scores_tell() -> None:
    shares = PairShares(1.00001, 1.0, {"quality": 0.0000101}, residual=-1e-7, steps=64)
    assert shares.add_up
    assert _sum("score", shares) == (
        "The score differs by +0.00001, which is what the features add together, as far as 32-bit"
        " scores tell."
    )


def test_what_no_feature_adds_is_told() -> None:
    shares = PairShares(2.0, 1.0, {"quality": 0.25}, residual=0.75, steps=64)
    assert _sum("score", shares) == (
        "The score differs by +1.00000, of which the features add +0.25000. The other +0.75000"
        " belong to none of them: between the two items there is a jump."
    )
