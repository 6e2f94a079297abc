import shutil
from collections.abc import Callable
from pathlib import Path

import ml_metadata as mlmd
import pytest
from ml_metadata.proto import metadata_store_pb2

from data.errors import InputError
from pipeline.artifact_store import claim_root, forget_lost_artifacts
from pipeline.metadata_address import metadata_connection


def claim(root: Path | str, output: Path) -> str | None:
    output.mkdir(exist_ok=True)
    store = mlmd.MetadataStore(metadata_connection(str(output / "metadata.sqlite")))
    return claim_root(str(root), str(output), store)


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


def store_of(output: Path) -> mlmd.MetadataStore:
    return mlmd.MetadataStore(metadata_connection(str(output / "metadata.sqlite")))


def record(output: Path, uris: list[str], pipeline: str = "seqmd-shop") -> None:
    """Records whole artifacts of a pipeline, and makes the local ones that are not there."""
    store = store_of(output)
    kind = store.put_artifact_type(metadata_store_pb2.ArtifactType(name="Examples"))
    states = metadata_store_pb2.Artifact
    artifacts = [states(type_id=kind, uri=uri, state=states.LIVE) for uri in uris]
    for artifact in artifacts:
        artifact.custom_properties["pushed_destination"].string_value = f"{output}/serving_model/7"
        artifact.custom_properties["name"].string_value = "as it is"
    made = store.put_artifacts(artifacts)
    of_pipeline = metadata_store_pb2.ContextType(name="pipeline")
    context = metadata_store_pb2.Context(type_id=store.put_context_type(of_pipeline), name=pipeline)
    known = store.get_context_by_type_and_name("pipeline", pipeline)
    number = known.id if known else store.put_contexts([context])[0]
    belongs = [metadata_store_pb2.Attribution(artifact_id=one, context_id=number) for one in made]
    store.put_attributions_and_associations(belongs, [])
    for uri in uris:
        if "://" not in uri:
            Path(uri).mkdir(parents=True)


def recorded(output: Path) -> dict[str, bool]:
    """Whether each artifact counts, by where it is recorded."""
    live = metadata_store_pb2.Artifact.LIVE
    return {one.uri: one.state == live for one in store_of(output).get_artifacts()}


def test_a_folder_that_moved_has_its_artifacts_where_it_is(tmp_path: Path) -> None:
    first, moved = tmp_path / "first", tmp_path / "moved"
    assert claim(first / "pipeline", first) is None
    record(first, [f"{first}/pipeline/Trainer/model/7", f"{tmp_path}/elsewhere/8"])
    first.rename(moved)
    assert claim(moved / "pipeline", moved) == str(first)
    assert recorded(moved) == {
        f"{moved}/pipeline/Trainer/model/7": True,
        f"{tmp_path}/elsewhere/8": True,
    }
    texts = [dict(one.custom_properties) for one in store_of(moved).get_artifacts()]
    assert {text["pushed_destination"].string_value for text in texts} == {
        f"{moved}/serving_model/7"
    }
    assert {text["name"].string_value for text in texts} == {"as it is"}
    assert claim(moved / "pipeline", moved) is None


def test_a_copy_has_its_own_artifacts_and_none_of_the_original(tmp_path: Path) -> None:
    first, copy = tmp_path / "first", tmp_path / "copy"
    claim(first / "pipeline", first)
    record(first, [f"{first}/pipeline/Trainer/model/7", f"{tmp_path}/elsewhere/8"])
    before = recorded(first)
    shutil.copytree(first, copy)
    assert claim(copy / "pipeline", copy) == str(first)
    assert recorded(copy) == {
        f"{copy}/pipeline/Trainer/model/7": True,
        f"{tmp_path}/elsewhere/8": False,
    }
    assert claim(copy / "pipeline", copy) is None
    assert claim(first / "pipeline", first) is None
    assert recorded(first) == before
    # Neither takes the other's root.
    for output, root in ((copy, first / "pipeline"), (first, copy / "pipeline")):
        with pytest.raises(InputError, match="expected a folder for the artifacts of"):
            claim(root, output)


def test_a_copy_does_not_take_the_root_that_the_original_has_elsewhere(tmp_path: Path) -> None:
    first, copy, root = tmp_path / "first", tmp_path / "copy", tmp_path / "root"
    claim(root, first)
    record(first, [f"{root}/Trainer/model/7"])
    shutil.copytree(first, copy)
    with pytest.raises(InputError, match=f"found artifacts of {first}"):
        claim(root, copy)
    assert claim(tmp_path / "other", copy) == str(first)
    assert recorded(copy) == {f"{root}/Trainer/model/7": False}


def test_a_new_folder_where_a_moved_one_was_is_not_taken_for_its_original(tmp_path: Path) -> None:
    first, moved = tmp_path / "first", tmp_path / "moved"
    claim(first / "pipeline", first)
    record(first, [f"{tmp_path}/elsewhere/8"])
    first.rename(moved)
    claim(first / "pipeline", first)
    assert claim(moved / "pipeline", moved) == str(first)
    assert recorded(moved) == {f"{tmp_path}/elsewhere/8": True}


def test_an_artifact_that_is_gone_is_not_used_again(tmp_path: Path) -> None:
    output = tmp_path / "output"
    claim(output / "pipeline", output)
    uris = [f"{output}/pipeline/Trainer/model/{number}" for number in (1, 2)]
    record(output, [*uris, "ram://lost/model/3", f"{output}/pipeline/Pusher/pushed_model/4"])
    record(output, [f"{output}/other/1"], pipeline="seqmd-other")
    shutil.rmtree(uris[0])
    shutil.rmtree(output / "other")
    forget_lost_artifacts(store_of(output), "seqmd-shop")
    assert recorded(output) == {
        uris[0]: False,
        uris[1]: True,
        "ram://lost/model/3": False,
        f"{output}/pipeline/Pusher/pushed_model/4": True,
        f"{output}/other/1": True,
    }
    forget_lost_artifacts(store_of(output), "seqmd-never-run")
