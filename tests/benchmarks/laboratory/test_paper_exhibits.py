"""What reproduces the paper."""

from typing import Any

import pytest

from benchmarks.laboratory.paper_exhibits import PAPER_EXHIBITS
from benchmarks.laboratory.setups import PAPER
from models.config import ModelConfig


@pytest.mark.parametrize("name", ["table1", "table2", "table3", "figure4", "figure5", "figure7"])
def test_what_reproduces_the_paper_has_its_variant_and_the_default_beside_it(name: str) -> None:
    logs: Any = None  # These do not look at them.
    setups = {setup.name: setup for setup in PAPER_EXHIBITS[name].setups(logs)}
    assert {setup.against for setup in setups.values()} <= set(setups)
    paper, default = setups["seq_md, as in the paper"], setups["seq_md"]
    assert default.model == {"ranker": "seq_md"}
    assert paper.model == {**default.model, **PAPER}
    assert paper.tuned_as == "seq_md"
    plain = ModelConfig.model_validate(paper.model)
    assert (plain.adaptor_shift, plain.token_path) == (False, False)
    assert plain.descending_gradient == "all"
