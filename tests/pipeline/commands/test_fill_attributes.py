import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.cli import main

TAXONOMY = {"shirt": {"Colour": ["Red", "Blue"]}}
WORDS = ("running", "gym", "formal", "summer", "warm")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "taxonomy.json").write_text(json.dumps(TAXONOMY))
    rows = [
        {"id": at, "category": "shirt", "name": f"{colour} {word} shirt", "Colour": colour}
        for at, (colour, word) in enumerate((c, w) for w in WORDS for c in ("Red", "Blue"))
    ]
    rows += [{"id": 99, "category": "shirt", "name": "blue shirt", "Colour": None}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "shop.parquet")
    return tmp_path


def fill(
    shop: Path, *more: str, listings: str = "shop.parquet", output: str = "out.parquet"
) -> int:
    words = ["fill-attributes", "--listings", str(shop / listings), "--title", "name"]
    words += ["--taxonomy", str(shop / "taxonomy.json"), "--output", str(shop / output)]
    return main([*words, *more])


def test_a_model_is_trained_kept_and_used_again(shop: Path, capfd: pytest.CaptureFixture) -> None:
    assert fill(shop, "--model", str(shop / "model"), "--epochs", "2") == 0
    told = capfd.readouterr().out
    assert "Filled 11 listings" in told
    assert "Nothing filled" not in told
    assert "Precision and recall" in told
    assert told.startswith(f"Training a model on {shop / 'shop.parquet'}\n")
    lines = [line.split() for line in told.splitlines()]
    head, row = (line for line in lines if line[:1] in (["attribute"], ["Colour"]))
    assert head[:5] == ["attribute", "listings", "stated", "absent", "filled"]
    assert head[-1] == "judged"
    assert (
        "Take care: precision and recall are of fewer than 30 listings judged: Colour (1)" in told
    )
    assert row[:6] == ["Colour", "11", "10", "0", "1", "100.0%"]
    assert f"Model written to {shop / 'model'}" in told
    rows = pq.read_table(shop / "out.parquet").to_pylist()
    assert [row["id"] for row in rows] == [*range(10), 99]
    assert [row["Colour_filled"] for row in rows] == [False] * 10 + [True]
    assert rows[-1]["Colour"] == "Blue"
    assert fill(shop, "--model", str(shop / "model"), output="again.jsonl") == 0
    told = capfd.readouterr().out
    assert "Precision and recall" in told
    assert f"Model loaded from {shop / 'model'}" in told
    again = [json.loads(line) for line in (shop / "again.jsonl").read_text().splitlines()]
    assert [row["Colour"] for row in again] == [row["Colour"] for row in rows]
    more = ("--model", str(shop / "model"))
    assert fill(shop, *more, "--least-precision", "1", output="strict.jsonl") == 0
    judged = json.loads((shop / "model" / "held_out.json").read_text())["held_out"]
    (count,) = [one for *_, one in judged]
    withheld = count["wrong"] > 0 or not count["right"]
    assert ("Not filled, since below" in capfd.readouterr().out) == withheld
    assert fill(shop, *more, "--epochs", "3") == 1
    assert "holds a model; expected none of --epochs" in capfd.readouterr().err
    assert {path.name for path in shop.iterdir()} == {
        "again.jsonl",
        "strict.jsonl",
        "model",
        "out.parquet",
        "shop.parquet",
        "taxonomy.json",
    }


@pytest.mark.parametrize(
    ("more", "output", "told"),
    [
        (["--title", "titel"], "out.csv", "expected a column 'titel' with the title"),
        (["--left-out", "1"], "out.csv", "--left-out: expected a share from 0 to below 1, found 1"),
        (["--least-precision", "2"], "out.csv", "--least-precision: expected a share"),
        (["--epochs", "0"], "out.csv", "--epochs: expected 1 or more, found 0"),
        (["--seed", "-1"], "out.csv", "--seed: expected a seed from 0 to 4294967295, found -1"),
        ([], "out.txt", "--output: expected a name ending in .csv"),
        (["--category", "name"], "out.csv", "taxonomy has shirt; listings have Red running shirt"),
        ([], "none/out.csv", "--output: expected an existing folder"),
        ([], "shop.parquet", "--output: expected a file that is not an input"),
        ([], "folder.csv", "--output: expected a file, found a folder: "),
        (["--model", "{shop}"], "out.csv", "--model: expected a folder that holds a model"),
        (["--model", "{shop}/shop.parquet"], "out.csv", "--model: expected a folder, found a file"),
        (["--model", "{shop}/shop.parquet/m"], "out.csv", "--model: expected a place to write to"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_written(
    more: list[str], output: str, told: str, shop: Path, capsys: pytest.CaptureFixture
) -> None:
    (shop / "folder.csv").mkdir()
    before = {path: path.stat().st_mtime_ns for path in shop.iterdir()}
    assert fill(shop, *(word.format(shop=shop) for word in more), output=output) == 1
    assert told in capsys.readouterr().err
    assert {path: path.stat().st_mtime_ns for path in shop.iterdir()} == before
