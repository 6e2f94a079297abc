import shutil
from collections.abc import Callable
from pathlib import Path

import ml_metadata as mlmd
import pytest

from data.errors import InputError
from pipeline.metadata_address import metadata_connection
from pipeline.sole_root import claim_root


def claim(root: Path | str, output: Path) -> None:
    output.mkdir(exist_ok=True)
    store = mlmd.MetadataStore(metadata_connection(str(output / "metadata.sqlite")))
    claim_root(str(root), str(output), store)


@pytest.mark.reliability("fault")
def test_two_output_folders_with_one_pipeline_root(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    root, first, second = tmp_path / "root", tmp_path / "first", tmp_path / "second"
    claim(root, first)
    claim(root, first)
    with pytest.raises(InputError) as error:
        claim(root, second)
    expected = f"{root}: expected a folder for the artifacts of {second} alone, found artifacts of "
    assert str(error.value).startswith(f"{expected}{first}, ")
    claim(tmp_path / "other", second)
    record_property("tried", 1)
    record_property("outcome", "the second one is refused before it writes")


def test_the_claim_goes_with_the_folder_that_is_moved(tmp_path: Path) -> None:
    claim(tmp_path / "root", tmp_path / "first")
    (tmp_path / "first").rename(tmp_path / "moved")
    claim(tmp_path / "root", tmp_path / "moved")


def test_artifacts_of_a_metadata_that_was_deleted_are_not_mixed_with_new_ones(
    tmp_path: Path,
) -> None:
    claim(tmp_path / "output" / "pipeline", tmp_path / "output")
    (tmp_path / "output" / "metadata.sqlite").unlink()
    with pytest.raises(InputError, match="delete that folder if nothing needs it"):
        claim(tmp_path / "output" / "pipeline", tmp_path / "output")
    shutil.rmtree(tmp_path / "output" / "pipeline")
    claim(tmp_path / "output" / "pipeline", tmp_path / "output")


def test_a_claim_that_was_killed_before_its_word_is_made_again(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / ".artifacts_of").touch()
    claim(root, tmp_path / "first")
    with pytest.raises(InputError, match="found artifacts of"):
        claim(root, tmp_path / "second")


def test_in_an_object_store_as_well(tmp_path: Path) -> None:
    # TensorFlow's own store in memory.
    claim("ram://bucket/root", tmp_path / "first")
    with pytest.raises(InputError, match=r"^ram://bucket/root: expected"):
        claim("ram://bucket/root", tmp_path / "second")
