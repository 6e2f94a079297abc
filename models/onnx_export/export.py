"""Writing a pushed model as ONNX, with what a caller has to know beside it."""

import json
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf
from onnx import ModelProto, TensorProto, ValueInfoProto

from data.artifacts.signature_names import SERVING_DEFAULT
from data.artifacts.vocabulary_files import exported_vocabularies, vocabulary_file
from data.definition.dataset import Dataset
from data.errors import InputError
from data.files import plain
from data.loading import definition_of
from models.onnx_export.conversion import OPSET, convert
from models.onnx_export.id_inputs import TextIds, features_by_id
from models.onnx_export.onnx_ranker import OnnxRanker, largest_difference

MODEL, INPUTS, README, VOCABULARIES = "ranker.onnx", "inputs.json", "README.md", "vocabularies"
# Far more than rounding comes to, and less than a rank that is one off.
MOST_APART = 1e-5
_TYPES = {TensorProto.FLOAT: "float32", TensorProto.INT64: "int64", TensorProto.STRING: "string"}


@dataclass(frozen=True)
class Exported:
    """What was written.

    Attributes:
        folder: where it lies.
        by_id: names of the features that it takes as ids.
        apart: the largest difference from the SavedModel's answers, on drawn lists.
    """

    folder: Path
    by_id: tuple[str, ...]
    apart: float


def export_onnx(model: Path, folder: Path, everything_by_id: bool) -> Exported:
    """Converts a pushed model, compares answers of both, and writes the folder whole or not at all.

    Args:
        model: a version's folder.
        folder: a new folder.
        everything_by_id: whether all categorical features are taken as ids; else those alone
            whose unknown values share several buckets.

    Returns:
        What was written.

    Raises:
        InputError: the folder exists; seqmd did not push the model; an operation of its graph
            cannot be converted; the answers differ.
    """
    if folder.exists():
        raise InputError(f"--onnx: expected a folder that is not there yet, found {folder}")
    dataset = definition_of(model)
    vocabularies = exported_vocabularies(dataset, str(model))
    by_id = features_by_id(dataset, everything_by_id)
    ids = {feature.name: TextIds.of(feature, vocabularies[feature.name]) for feature in by_id}
    with plain(str(model)) as place:
        loaded = tf.saved_model.load(place)
        converted = convert(loaded.signatures, dataset, ids)
        content = converted.SerializeToString()
        ranker = OnnxRanker(content, ids)
        signature = loaded.signatures[SERVING_DEFAULT]
        apart = largest_difference(signature, ranker, dataset, vocabularies)
    if apart > MOST_APART:
        raise InputError(
            f"--model: expected ONNX to answer as the model in {model} does, found answers that"
            f" are {apart:g} apart; nothing was written"
        )
    with _whole(folder) as new:
        (new / MODEL).write_bytes(content)
        files = {name: f"{VOCABULARIES}/{_file(dataset, name)}" for name in ids}
        (new / INPUTS).write_text(_json(_description(converted, dataset, ids, files, model)))
        (new / README).write_text(_readme(converted, dataset, ids))
        for name, file in files.items():
            path = new / file
            path.parent.mkdir(exist_ok=True)
            path.write_text(_json(_known(ids[name])))
    return Exported(folder, tuple(ids), apart)


def _file(dataset: Dataset, name: str) -> str:
    return f"{vocabulary_file(dataset, dataset.feature(name))}.json"


def _known(ids: TextIds) -> dict[str, int]:
    texts = ids.texts[: ids.first_unknown]
    return {text.decode(errors="replace"): number for number, text in enumerate(texts)}


def _description(
    converted: ModelProto,
    dataset: Dataset,
    ids: Mapping[str, TextIds],
    files: Mapping[str, str],
    model: Path,
) -> dict[str, Any]:
    inputs = {}
    for given in converted.graph.input:
        name, feature = given.name, dataset.feature(given.name)
        shape = [dim.dim_param or dim.dim_value for dim in given.type.tensor_type.shape.dim]
        if feature.length:
            shape[1:] = [feature.length]
        kind = _TYPES[given.type.tensor_type.elem_type]
        missing: Any = {"float32": "NaN", "string": "", "int64": 0}[kind]
        inputs[name] = {"dtype": kind, "shape": shape, "missing": missing}
        if feature.origin:
            inputs[name]["origin"] = feature.origin
        if name in ids:
            one = ids[name]
            unknown = {"first": one.first_unknown, "buckets": one.buckets}
            inputs[name] |= {"vocabulary": files[name], "unknown": unknown}
    outputs = {
        answer.name: {"dtype": "float32", "shape": ["items"]} for answer in converted.graph.output
    }
    return {"model": model.name, "opset": OPSET, "inputs": inputs, "outputs": outputs}


def _readme(converted: ModelProto, dataset: Dataset, ids: Mapping[str, TextIds]) -> str:
    lines = [
        "# A ranker as ONNX",
        "",
        f"`{MODEL}` scores the items of one list; `{INPUTS}` names its inputs, their types, shapes",
        "and missing values, and its answers. Rank by `score`. Every item feature has a row an",
        "item, in the order of the answers, and every context feature one row: nothing checks it.",
        "A list has an item at least.",
    ]
    if any(_counts_entries(given) for given in converted.graph.input):
        lines += [
            "Inputs that count `entries` have a row for each past action, the newest first, none",
            "for an empty history.",
        ]
    if any(dataset.feature(given.name).origin for given in converted.graph.input):
        lines += [
            "Of an input with an `origin` its values count from there: take it off first.",
        ]
    if ids:
        lines += [
            "",
            "Inputs with a `vocabulary` take ids: the file has the id of each value. An unknown",
            "value takes `unknown.first`, or, where there are several buckets, `unknown.first` +",
            "Fingerprint64(value in UTF-8) modulo `unknown.buckets`: FarmHash's function, as",
            "`tf.strings.to_hash_bucket_fast` has it.",
        ]
    lines += [
        "",
        "```python",
        "import onnxruntime",
        "",
        f'session = onnxruntime.InferenceSession("{MODEL}")',
        'scores = session.run(["score"], inputs)[0]  # inputs: arrays by name',
        "```",
        "",
    ]
    return "\n".join(lines)


def _counts_entries(given: ValueInfoProto) -> bool:
    return given.type.tensor_type.shape.dim[0].dim_param == "entries"


def _json(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder to write in, which gets its name once all is in it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}.partial")
    partial.mkdir()
    try:
        yield partial
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
