"""The artifacts of one ML Metadata in a pipeline root.

Artifacts lie in folders that are numbered as ML Metadata numbers executions, from 1 on: a second
one would write over those of the first, and delete them as left by a try that failed.
"""

import uuid

import ml_metadata as mlmd
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.io import fileio

from data.errors import InputError
from data.files import below, write_whole

# Context type of ML Metadata; its only context is named as no other store's is.
_STORE = "seqmd.Store"
_MARK = ".artifacts_of"


def claim_root(root: str, output: str, store: mlmd.MetadataStore) -> None:
    """Marks a pipeline root as that of one ML Metadata, before anything is written there.

    Args:
        root: folder or URI of the artifacts; it need not be there.
        output: the output folder, for the message.
        store: ML Metadata of the output folder.

    Raises:
        InputError: it holds the artifacts of another one.
    """
    mark, identity = below(root, _MARK), _identity(store)
    owner, _, place = _read(mark).partition("\n")
    if owner not in ("", identity):
        raise InputError(
            f"{root}: expected a folder for the artifacts of {output} alone, found artifacts of "
            f"{place.strip()}, numbered by another metadata.sqlite; give another --pipeline-root, "
            "or delete that folder if nothing needs it"
        )
    if not owner:
        write_whole(mark, f"{identity}\n{output}\n")


def _identity(store: mlmd.MetadataStore) -> str:
    """Told to ML Metadata at its first run, so that it goes where the file goes."""
    kind = store.put_context_type(metadata_store_pb2.ContextType(name=_STORE))
    known = store.get_contexts_by_type(_STORE)
    if known:
        return known[0].name
    context = metadata_store_pb2.Context(type_id=kind, name=uuid.uuid4().hex)
    store.put_contexts([context])
    return context.name


def _read(path: str) -> str:
    if not fileio.exists(path):
        return ""
    with fileio.open(path) as file:
        return file.read()
