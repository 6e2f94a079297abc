"""Keeps ML Metadata true to the artifacts: whose they are, where they lie, whether they exist.

Artifacts lie in folders that are numbered as ML Metadata numbers executions, from 1 on: a second
ML Metadata would write over those of the first, and delete them as left by a try that failed.
"""

import contextlib
import logging
import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from pathlib import Path

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import constants
from tfx.dsl.io import fileio

from data.errors import InputError
from data.files import below, write_whole
from pipeline.locations import Locations

# Context type of ML Metadata; a store's latest context is named as no other store's is.
_STORE, _OUTPUT = "seqmd.Store", "output"
# Of a root: whose artifacts it holds.
MARK = ".artifacts_of"
_LIVE, _DELETED = metadata_store_pb2.Artifact.LIVE, metadata_store_pb2.Artifact.DELETED
_LOGGER = logging.getLogger("seqmd.nodes")


def claim_root(root: str, output: str, store: mlmd.MetadataStore) -> str | None:
    """Marks a pipeline root as that of one ML Metadata, before anything is written there.

    If the output folder was moved or copied, the recorded paths of its artifacts are updated
    first. A copy keeps the artifacts that were copied with it, and none of the original's.

    Args:
        root: folder or URI of the artifacts; it need not be there.
        output: the output folder.
        store: ML Metadata of the output folder.

    Returns:
        Where the output folder was before; None for one that stayed where it is.

    Raises:
        InputError: the root holds the artifacts of another ML Metadata.
    """
    mark = below(root, MARK)
    owner, _, place = _read(mark).partition("\n")
    place = place.strip()
    known = _latest(store)
    was = _output_of(known) or (place if known and known.name == owner else None) or output
    copied = was != output and known is not None and known.name == _identity_in(was)
    identity = uuid.uuid4().hex if known is None or copied else known.name
    own = {"", identity} | ({known.name} if known and root.startswith(f"{output}/") else set())
    if owner not in own:
        raise InputError(
            f"{root}: expected a folder for the artifacts of {output} alone, found artifacts of "
            f"{place}, numbered by another metadata.sqlite; give another --pipeline-root, "
            "or delete that folder if nothing needs it"
        )
    if was != output:
        _move(store, was, output, keep_others=not copied)
    _record(store, identity, output)
    if (owner, place) != (identity, output):
        write_whole(mark, f"{identity}\n{output}\n")
    return was if was != output else None


def forget_lost_artifacts(store: mlmd.MetadataStore, pipeline: str) -> None:
    """Records missing artifacts as deleted, so that no cache or baseline uses them.

    Args:
        store: ML Metadata.
        pipeline: name of the pipeline whose artifacts are looked at.
    """
    context = store.get_context_by_type_and_name(constants.PIPELINE_CONTEXT_TYPE_NAME, pipeline)
    artifacts = store.get_artifacts_by_context(context.id) if context else []
    lost = lost_artifacts(artifacts)
    for artifact in lost:
        _LOGGER.info("%s is gone: it is not used again", artifact.uri)
        artifact.state = _DELETED
    if lost:
        store.put_artifacts(lost)


def lost_artifacts(
    artifacts: Iterable[metadata_store_pb2.Artifact],
) -> list[metadata_store_pb2.Artifact]:
    """Artifacts that were complete once and whose folder is missing now."""
    by_folder = defaultdict(list)
    for artifact in artifacts:
        if artifact.state == _LIVE and artifact.uri:
            by_folder[artifact.uri.rstrip("/").rpartition("/")[0]].append(artifact)
    return [
        artifact
        for folder, in_it in by_folder.items()
        for artifact in _not_among(_names(folder), in_it)
    ]


def _not_among(
    names: Collection[str], artifacts: Iterable[metadata_store_pb2.Artifact]
) -> list[metadata_store_pb2.Artifact]:
    return [one for one in artifacts if one.uri.rstrip("/").rpartition("/")[2] not in names]


def _names(folder: str) -> set[str]:
    """Names in a folder: one listing tells of all artifacts in it."""
    found = fileio.listdir(folder) if fileio.isdir(folder) else []
    return {name.rstrip("/") for name in found}


def _move(store: mlmd.MetadataStore, was: str, output: str, keep_others: bool) -> None:
    """Records the new paths of the artifacts of a folder that was moved or copied.

    Args:
        store: ML Metadata.
        was: where the folder was.
        output: where it is.
        keep_others: whether artifacts that lay elsewhere stay; a copy's are the original's.
    """
    artifacts = store.get_artifacts()
    for artifact in artifacts:
        if artifact.uri.startswith(f"{was}/"):
            artifact.uri = output + artifact.uri.removeprefix(was)
        elif not keep_others:
            artifact.state = _DELETED
        for value in artifact.custom_properties.values():
            if value.string_value.startswith(f"{was}/"):
                value.string_value = output + value.string_value.removeprefix(was)
    store.put_artifacts(artifacts)


def _record(store: mlmd.MetadataStore, identity: str, output: str) -> None:
    kind = metadata_store_pb2.ContextType(name=_STORE)
    context = store.get_context_by_type_and_name(_STORE, identity) or metadata_store_pb2.Context(
        type_id=store.put_context_type(kind), name=identity
    )
    context.custom_properties[_OUTPUT].string_value = output
    store.put_contexts([context])


def _latest(store: mlmd.MetadataStore) -> metadata_store_pb2.Context | None:
    contexts = store.get_contexts_by_type(_STORE)
    return max(contexts, key=lambda context: context.id, default=None)


def _output_of(context: metadata_store_pb2.Context | None) -> str | None:
    return (context.custom_properties[_OUTPUT].string_value or None) if context else None


def _identity_in(output: str) -> str | None:
    """Identity of the ML Metadata in another output folder, which is only read."""
    file = Locations(Path(output)).metadata
    if not file.is_file():
        return None
    latest = (
        "SELECT Context.name FROM Context JOIN Type ON Type.id = Context.type_id "
        "WHERE Type.name = ? ORDER BY Context.id DESC LIMIT 1"
    )
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(
            sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        ) as found,
    ):
        return next((name for (name,) in found.execute(latest, (_STORE,))), None)
    return None


def _read(path: str) -> str:
    if not fileio.exists(path):
        return ""
    with fileio.open(path) as file:
        return file.read()
