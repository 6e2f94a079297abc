import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tensorflow as tf
import yaml

from data.artifacts.model_folder import newest_version
from data.errors import InputError
from pipeline.cli import main
from pipeline.scored_rows import score_logs

DATASET = {
    "name": "shop",
    "list_id": "search",
    "tasks": [{"name": "click", "grade": 1}],
    "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
}


class Cheapest(tf.Module):
    """Scores an item by its negative price."""

    @tf.function(
        input_signature=[tf.TensorSpec([None], tf.string, name="examples")], autograph=False
    )
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


def test_rows_of_an_item_are_ranked_once_and_have_one_result(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    definition = tmp_path / "shop.yaml"
    definition.write_text(yaml.safe_dump(DATASET | {"item": "sku", "region": "land"}))
    lines = ["search,sku,price,land", "a,1,3,NL", "a,2,2,NL", "a,1,9,FR", "a,3,1,NL", "b,1,4,NL"]
    logs = tmp_path / "rows.csv"
    logs.write_text("\n".join(lines) + "\n")
    scored = score_logs(model, str(definition), [str(logs)])
    rows = scored.rows.to_pydict()
    assert rows["price"] == ["3", "2", "9", "1", "4"]
    assert rows["score"] == [-3, -2, -3, -1, -4]  # Both rows of sku 1: that of the first, 3.
    assert rows["rank"] == [3, 2, 3, 1, 1]
    assert (scored.repeated, scored.conflicts) == (1, {"land": 1})
    options = ["--model", str(model), "--dataset", str(definition), "--input", str(logs)]
    assert main(["score", *options, "--output", str(tmp_path / "scores.csv")]) == 0
    shown = capsys.readouterr().out
    assert "Items that stand twice in a list: 1 row; their first row was scored." in shown
    assert "Column 'land' has several values in 1 list, where" in shown


@pytest.mark.parametrize("price", ["3", "dear"])
def test_a_log_of_the_users_own_beside_the_output_stays(
    model: Path, tmp_path: Path, price: str
) -> None:
    (tmp_path / "rows.csv").write_text(f"search,price\na,{price}\n")
    own = tmp_path / "scores.csv.log"
    own.write_text("mine")
    words = ["--model", str(model), "--input", str(tmp_path / "rows.csv")]
    main(["score", *words, "--output", str(tmp_path / "scores.csv")])
    assert own.read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"rows.csv", "scores.csv", own.name}


@pytest.mark.parametrize(
    "values", [pa.array([[1.0, 2.0]]), pa.array([5], pa.duration("ms")), pa.array([b"\xff"])]
)
def test_what_csv_cannot_hold_is_refused_before_anything_is_scored(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: pa.Array
) -> None:
    monkeypatch.setattr("pipeline.scored_rows.ExportedModel", lambda _: pytest.fail("scored"))
    rows = pa.table({"search": ["a"], "price": [1.0], "style": values})
    pq.write_table(rows, tmp_path / "rows.parquet")
    words = ["--model", str(model.parent), "--input", str(tmp_path / "rows.parquet")]
    assert main(["score", *words, "--output", str(tmp_path / "out.csv")]) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["rows.parquet"]


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


def test_columns_of_the_logs_keep_their_names_before_those_of_the_scores(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    logs = pa.table({"rank": [7, 8], "Score": [0, 0], "search": ["a", "a"], "price": [2.0, 1.0]})
    pq.write_table(logs, tmp_path / "logs.parquet")
    output = tmp_path / "scores.parquet"
    words = ["--model", str(model), "--input", str(tmp_path / "logs.parquet")]
    assert main(["score", *words, "--output", str(output)]) == 0
    assert "so score is model_score, rank is model_rank here." in capsys.readouterr().out
    written = pq.read_table(output)
    added = ["probability_click", "model_score", "model_rank", "not_scored"]
    assert written.column_names == [*logs.column_names, *added]
    assert written["rank"].to_pylist() == [7, 8]
    assert written["model_rank"].to_pylist() == [2, 1]


def test_the_logs_are_never_written_over(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("search,price\na,1\n")
    words = ["score", "--model", str(model), "--input", str(path), "--output", str(path)]
    assert main(words) == 1
    assert "not an input" in capsys.readouterr().err
    assert path.read_text() == "search,price\na,1\n"


def test_an_output_that_is_a_folder_is_refused(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    (tmp_path / "out.csv").mkdir()
    words = ["score", "--model", str(model), "--input", "none.csv", "--output"]
    assert main([*words, str(tmp_path / "out.csv")]) == 1
    assert "--output: expected a file, found a folder: " in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_texts_come_out_as_they_went_in_and_columns_in_their_order(
    model: Path, tmp_path: Path
) -> None:
    text = "note,price,search\nNULL,3.50,a\nNone,2,a\nnan,1,b\n"
    (tmp_path / "rows.csv").write_text(text)
    rows = score_logs(model, None, [str(tmp_path / "rows.csv")]).rows
    own = ["note", "price", "search"]
    scores = ["probability_click", "score", "rank", "not_scored"]
    assert rows.column_names == [*own, *scores]
    assert rows["note"].to_pylist() == ["NULL", "None", "nan"]
    assert rows["price"].to_pylist() == ["3.50", "2", "1"]


def test_files_that_store_ids_in_different_types_are_scored_together(
    model: Path, tmp_path: Path
) -> None:
    ids = [pa.array([1]), pa.array(["1"], pa.large_string()), pa.array(["2"]).dictionary_encode()]
    for number, values in enumerate(ids):
        table = pa.table({"search": values, "price": [float(number)]})
        pq.write_table(table, tmp_path / f"{number}.parquet")
    rows = score_logs(model, None, [str(tmp_path)]).rows.to_pydict()
    assert rows["search"] == ["1", "1", "2"]
    assert rows["rank"] == [1, 2, 1]


@pytest.mark.parametrize(
    ("feature", "found"),
    [
        ({"name": "weight", "scope": "item", "kind": "numeric"}, "none"),
        ({"name": "price", "scope": "item", "kind": "categorical"}, "item, categorical"),
        (
            {"name": "price", "scope": "item", "kind": "vector", "length": 3},
            "item, vector of length 3",
        ),
    ],
)
def test_a_definition_without_the_models_features_is_refused(
    model: Path, tmp_path: Path, feature: dict, found: str
) -> None:
    (tmp_path / "other.yaml").write_text(yaml.safe_dump({**DATASET, "features": [feature]}))
    (tmp_path / "rows.csv").write_text("search,price,weight\na,3,1\n")
    expected = f"feature 'price': expected item, numeric, found {found}"
    with pytest.raises(InputError, match=expected):
        score_logs(model, str(tmp_path / "other.yaml"), [str(tmp_path / "rows.csv")])


def test_no_scored_row_at_all_ends_with_1(model: Path, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("search,price\na,dear\n")
    words = ["--model", str(model), "--input", str(tmp_path / "rows.csv")]
    assert main(["score", *words, "--output", str(tmp_path / "out.csv")]) == 1
    assert "dear" in (tmp_path / "out.csv").read_text()


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("assets.extra/dataset.yaml", "--model: expected a model that seqmd pushed"),
        ("saved_model.pb", "expected a SavedModel, found one that cannot be loaded"),
        ("variables/variables.index", "expected a SavedModel, found one that cannot be loaded"),
    ],
)
def test_a_model_that_is_not_whole_is_named(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, message: str
) -> None:
    damaged = tmp_path / "7"
    shutil.copytree(model, damaged)
    (damaged / file).unlink()
    if file != "assets.extra/dataset.yaml":
        (damaged / file).write_bytes(b"cut off")
    logs = tmp_path / "logs.parquet"
    pq.write_table(pa.table({"search": ["a"], "price": [1.0]}), logs)
    output = tmp_path / "scores.parquet"
    words = ["--model", str(damaged), "--input", str(logs), "--output", str(output)]
    assert main(["score", *words]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert str(damaged) in error
    assert list(tmp_path.glob("scores*")) == []


def test_values_that_the_model_never_saw_are_told_and_forms_of_known_ones_are_known(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "7"
    shutil.copytree(model, copy)
    flag = {"name": "free_shipping", "scope": "item", "kind": "categorical"}
    dataset = {**DATASET, "features": [*DATASET["features"], flag]}
    (copy / "assets.extra" / "dataset.yaml").write_text(yaml.safe_dump(dataset))
    (copy / "assets").mkdir(exist_ok=True)
    (copy / "assets" / "vocabulary_001_free_shipping").write_bytes(b"true\nfalse\n")
    logs = tmp_path / "logs.csv"
    words = ["--model", str(copy), "--input", str(logs), "--output", str(tmp_path / "out.csv")]
    logs.write_text("search,price,free_shipping\na,1,True\na,2,FALSE\na,3,\n")
    assert main(["score", *words]) == 0
    assert "free_shipping" not in capsys.readouterr().out
    logs.write_text("search,price,free_shipping\na,1,True\na,2,yes\na,3,yes\na,4,no\n")
    assert main(["score", *words]) == 0
    expected = "free_shipping: 75.0% of its values in the logs are not in the model's vocabulary"
    out = capsys.readouterr().out
    assert expected in out
    assert "(2 different, such as 'yes')" in out


def test_attributes_of_items_come_from_columns_or_from_a_file(model: Path, tmp_path: Path) -> None:
    listings = {"files": "gone.csv", "taxonomy": "gone.json", "attributes": ["colour"]}
    definition = tmp_path / "shop.yaml"
    definition.write_text(yaml.safe_dump({**DATASET, "item": "sku", "listings": listings}))
    logs = tmp_path / "rows.csv"
    logs.write_text("search,sku,price\na,1,2\na,2,1\n")
    with pytest.raises(InputError, match="'colour', found none") as told:
        score_logs(model, str(definition), [str(logs)])
    assert "--attributes" in str(told.value)
    filled = tmp_path / "attributes.csv"
    filled.write_text("sku,colour\n1,red\n")
    scored = score_logs(model, str(definition), [str(logs)], attributes=str(filled))
    assert scored.rows.column_names[:3] == ["search", "sku", "price"]
    assert scored.rows["rank"].to_pylist() == [2, 1]
    logs.write_text("search,sku,price,colour\na,1,2,red\na,2,1,\n")
    assert score_logs(model, str(definition), [str(logs)]).scored == 2
    with pytest.raises(InputError, match="definition with `listings`"):
        score_logs(model, None, [str(logs)], attributes=str(filled))
