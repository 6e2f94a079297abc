"""Listings in memory go through the commands and come back."""

import json
from inspect import signature
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.cli import parser
from seqmd import listings

TAXONOMY = {"mug": {"colour": ["red", "blue"]}}
ROWS = pa.table({"category": ["mug"], "title": ["red mug"]})


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The options of the command, which writes what it reads with a column more."""
    options: dict[str, str] = {}

    def run(words: list[str]) -> int:
        options["command"] = words[0]
        for word in words[1:]:
            name, _, value = word.partition("=")
            options[name] = value
        assert json.loads(Path(options["--taxonomy"]).read_text()) == TAXONOMY
        rows = pq.read_table(options["--listings"])
        pq.write_table(rows.append_column("colour", pa.array(["red"])), options["--output"])
        return 0

    monkeypatch.setattr(listings, "on_the_process_streams", run)
    return options


def test_a_table_comes_back_as_a_table_and_nothing_stays(said: dict[str, str]) -> None:
    found = listings.fill_attributes(ROWS, TAXONOMY, epochs=2, absent=["none", "n/a"])
    assert found.to_pydict() == {"category": ["mug"], "title": ["red mug"], "colour": ["red"]}
    assert said["command"] == "fill-attributes"
    assert (said["--epochs"], said["--least-precision"]) == ("2", "0.0")
    assert {"--absent", "none", "n/a"} <= said.keys()
    assert not {"--model", "--seed", "--left-out", "--encoder"} & said.keys()
    assert not Path(said["--output"]).exists()


def test_a_frame_comes_back_as_a_frame_and_the_file_stays(
    said: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "taxonomy.json").write_text(json.dumps(TAXONOMY))
    found = listings.draft(
        ROWS.to_pandas(),
        tmp_path / "taxonomy.json",
        output=tmp_path / "drafts.parquet",
        everything=True,
        language="de",
        title="name",
    )
    assert isinstance(found, pd.DataFrame)
    assert list(found["colour"]) == ["red"]
    assert said["command"] == "draft"
    assert (said["--language"], said["--title"], said["--similar"]) == ("de", "name", "3")
    assert "--everything" in said
    assert not {"--endpoint", "--allow-unsupported"} & said.keys()
    assert (tmp_path / "drafts.parquet").exists()


@pytest.mark.parametrize("name", ["fill_attributes", "draft"])
def test_every_option_of_the_command_can_be_given(name: str) -> None:
    """But for what says how an endpoint is spoken to, and how long a draft may be."""
    command = name.replace("_", "-")
    options = vars(
        parser([command]).parse_args([command, "--listings=l", "--taxonomy=t", "--output=o"])
    )
    apart = {"command", "key_variable", "timeout", "tries", "shortest", "longest"}
    names = {option for option in options if option not in apart}
    assert names == set(signature(getattr(listings, name)).parameters)
