"""Learners that this machine may lack."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks import tune
from benchmarks.laboratory import setups
from benchmarks.laboratory.setups import EXHIBITS, PAPER, Setup
from data.errors import InputError
from models.config import ModelConfig


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


@pytest.mark.parametrize("name", ["table1", "table2", "table3", "figure4", "figure5", "figure7"])
def test_what_reproduces_the_paper_has_its_variant_and_the_default_beside_it(name: str) -> None:
    logs: Any = None  # These do not look at them.
    setups = {setup.name: setup for setup in EXHIBITS[name].setups(logs)}
    assert {setup.against for setup in setups.values()} <= set(setups)
    paper, default = setups["seq_md, as in the paper"], setups["seq_md"]
    assert default.model == {"ranker": "seq_md"}
    assert paper.model == {**default.model, **PAPER}
    assert paper.tuned_as == "seq_md"
    plain = ModelConfig.model_validate(paper.model)
    assert (plain.adaptor_shift, plain.token_path) == (False, False)
    assert plain.descending_gradient == "all"
