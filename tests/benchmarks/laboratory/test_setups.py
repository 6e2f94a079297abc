"""Learners that this machine may lack."""

from pathlib import Path

import pytest

from benchmarks import tune
from benchmarks.laboratory import setups
from benchmarks.laboratory.setups import Setup
from data.errors import InputError


def test_trees_are_left_out_where_their_library_cannot_be_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def load(name: str) -> None:
        raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.setattr(setups, "import_module", load)
    said: list[str] = []
    assert setups.can_train(Setup("seq_md", {}), said.append)
    assert not setups.can_train(Setup("lightgbm", {}, learns="trees"), said.append)
    (line,) = said
    assert line.startswith("lightgbm: left out, since LightGBM cannot be loaded: libgomp.so.1")


def test_a_search_of_trees_alone_needs_their_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tune, "can_train", lambda *_: False)
    with pytest.raises(InputError, match="--model: expected one that can be trained here"):
        tune.main(["--model", "lightgbm", "--output", str(tmp_path)])
