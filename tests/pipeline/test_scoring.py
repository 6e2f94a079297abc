from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tensorflow as tf
import yaml

from data.errors import InputError
from pipeline.cli import main
from pipeline.pushed import newest_version
from pipeline.scoring import score_logs, write_rows

DATASET = {
    "name": "shop",
    "list_id": "search",
    "tasks": [{"name": "click", "grade": 1}],
    "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
}


class Cheapest(tf.Module):
    """Scores an item by its negative price."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="examples")])
    def serve_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        spec = {"price": tf.io.RaggedFeature(tf.float32)}
        prices = tf.io.parse_example(examples, spec)["price"]
        score = (-prices).to_tensor(float("nan"))
        return {"score": score, "probability_click": tf.sigmoid(score)}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serving_model") / "7"
    module = Cheapest()
    signatures = {"serve_examples": module.serve_examples}
    tf.saved_model.save(module, str(folder), signatures=signatures)
    (folder / "assets.extra").mkdir()
    (folder / "assets.extra" / "dataset.yaml").write_text(yaml.safe_dump(DATASET))
    return folder


def test_every_row_comes_out_in_its_place(model: Path, tmp_path: Path) -> None:
    lines = ["search,price,note", "a,3,x", "b,5,y", "broken", ",1,z", "a,1,u", "a,2,v", "b,dear,w"]
    (tmp_path / "rows.csv").write_text("\n".join(lines) + "\n")
    scored = score_logs(model, None, [str(tmp_path / "rows.csv")])
    rows = scored.rows.to_pydict()
    assert rows["search"] == ["a", "b", None, None, "a", "a", "b"]
    assert rows["score"] == [-3, -5, None, None, -1, -2, None]
    assert rows["rank"] == [3, 1, None, None, 1, 2, None]
    assert [reason is None for reason in rows["not_scored"]] == [
        True,
        True,
        False,
        False,
        True,
        True,
        False,
    ]
    assert "dear" in rows["not_scored"][6]
    assert (scored.scored, scored.lists) == (4, 2)


def test_rows_of_several_files_stay_apart(model: Path, tmp_path: Path) -> None:
    """A list torn over files is ranked as one, and its rows stay in the order of the files."""
    pq.write_table(pa.table({"search": [1, 2], "price": [1.0, 4.0]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"search": [2, 1], "price": [3.0, 0.5]}), tmp_path / "2.parquet")
    rows = score_logs(model, None, [str(tmp_path / "*.parquet")]).rows.to_pydict()
    assert rows["rank"] == [2, 2, 1, 1]
    assert rows["score"] == [-1.0, -4.0, -3.0, -0.5]


@pytest.mark.parametrize("name", ["out.csv", "out.parquet"])
def test_rows_are_written_whole(tmp_path: Path, name: str) -> None:
    write_rows(pa.table({"rank": [1, 2]}), tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_vectors_cannot_be_written_as_csv(tmp_path: Path) -> None:
    rows = pa.table({"vector": [[1.0, 2.0]]})
    with pytest.raises(InputError, match="parquet"):
        write_rows(rows, tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []


def test_the_highest_version_is_taken(model: Path, tmp_path: Path) -> None:
    for version in ("9", "10"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "saved_model.pb").touch()
    assert newest_version(tmp_path).name == "10"
    assert newest_version(model) == model
    with pytest.raises(InputError, match="expected a pushed model"):
        newest_version(tmp_path / "nowhere")


def test_files_without_rows_are_passed_over_and_none_at_all_is_named(
    model: Path, tmp_path: Path
) -> None:
    empty = pa.table({"search": pa.array([], pa.string()), "price": pa.array([], pa.float64())})
    pq.write_table(empty, tmp_path / "0.parquet")
    with pytest.raises(InputError, match="expected rows, found none"):
        score_logs(model, None, [str(tmp_path)])
    pq.write_table(pa.table({"search": ["a"], "price": [2.0]}), tmp_path / "1.parquet")
    assert score_logs(model, None, [str(tmp_path)]).rows["score"].to_pylist() == [-2]


def test_columns_that_the_definition_does_not_name_come_out_too(
    model: Path, tmp_path: Path
) -> None:
    rows = pa.table({"sku": ["x", "y"], "search": ["a", "a"], "price": [1.0, 2.0]})
    pq.write_table(rows, tmp_path / "1.parquet")
    scored = score_logs(model, None, [str(tmp_path)]).rows
    assert scored["sku"].to_pylist() == ["x", "y"]
    pq.write_table(rows.rename_columns(["rank", "search", "price"]), tmp_path / "1.parquet")
    with pytest.raises(InputError, match="rank"):
        score_logs(model, None, [str(tmp_path)])


def test_the_logs_are_never_written_over(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("search,price\na,1\n")
    words = ["score", "--model", str(model), "--input", str(path), "--output", str(path)]
    assert main(words) == 1
    assert "not an input" in capsys.readouterr().err
    assert path.read_text() == "search,price\na,1\n"
