from pathlib import Path

import pytest

from data.artifacts.model_folder import (
    ExtraFiles,
    newest_version,
    numbered_versions,
    whole_versions,
)
from data.errors import InputError


def versions(folder: Path, *names: str, whole: bool = True) -> None:
    for name in names:
        (folder / name).mkdir(parents=True)
        if whole:
            (folder / name / "saved_model.pb").touch()


def test_the_highest_whole_version_is_the_model(tmp_path: Path) -> None:
    versions(tmp_path, "9", "10", "withdrawn/12", "\uff11\uff11", ".13.partial")
    versions(tmp_path, "11", whole=False)
    assert newest_version(tmp_path) == tmp_path / "10"
    assert newest_version(tmp_path / "9") == tmp_path / "9"
    assert sorted(whole_versions(tmp_path)) == [9, 10]
    assert sorted(numbered_versions(tmp_path)) == [9, 10, 11]


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"--warm-start: .* found none in {tmp_path}"):
        newest_version(tmp_path, "--warm-start")


def test_files_go_with_a_model_in_a_bucket_too() -> None:
    assert ExtraFiles("gs://bucket/7").weights == "gs://bucket/7/assets.extra/weights.json"
    assert ExtraFiles("/m/7/").network == "/m/7/assets.extra/model.yaml"
