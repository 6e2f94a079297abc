"""Definitions that are proposed and simulated, and what is refused."""

from pathlib import Path

import pandas as pd
import pytest

import seqmd


@pytest.fixture(scope="module")
def marketplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seqmd.simulate(tmp_path_factory.mktemp("logs") / "shop", lists=60, tasks=2)


def test_what_is_simulated_fits_its_definition(marketplace: Path) -> None:
    assert marketplace.name == "shop.yaml"
    dataset = seqmd.load_dataset(marketplace)
    assert [task.name for task in dataset.tasks] == ["click", "add_to_cart"]


@pytest.mark.parametrize("as_frame", [False, True])
def test_a_definition_is_proposed_from_a_file_or_from_rows(
    marketplace: Path, as_frame: bool, tmp_path: Path
) -> None:
    rows = pd.concat(map(pd.read_parquet, sorted(marketplace.with_suffix("").iterdir())))
    rows.to_csv(tmp_path / "logs.csv", index=False)
    proposed = seqmd.propose(rows if as_frame else tmp_path / "logs.csv", tmp_path / "mine.yaml")
    assert proposed == tmp_path / "mine.yaml"
    tasks = [task.name for task in seqmd.load_dataset(proposed).tasks]
    assert tasks == ["click", "add_to_cart"]
    with pytest.raises(seqmd.InputError, match="exists already"):
        seqmd.propose(rows, proposed)


def test_an_option_of_another_kind_is_an_exception_of_one_message(tmp_path: Path) -> None:
    with pytest.raises(seqmd.InputError, match=r"^--lists: expected a whole number, found 'many'$"):
        seqmd.simulate(tmp_path / "shop", lists="many")  # type: ignore[arg-type]


def test_a_setting_out_of_range_is_refused(tmp_path: Path) -> None:
    with pytest.raises(seqmd.InputError, match="tasks"):
        seqmd.simulate(tmp_path / "shop", tasks=4)
