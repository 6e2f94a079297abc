"""A pushed model as ONNX: the same answers, and a folder that says how to ask."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import helper

from data.artifacts.vocabulary_files import exported_vocabularies
from data.definition.dataset import Dataset
from data.errors import InputError
from models.onnx_export.export import Exported, _description, _readme, export_onnx
from models.onnx_export.id_inputs import TextIds
from models.onnx_export.onnx_ranker import OnnxRanker
from tests.models.serving.answers import by_plain_tensors, plain


@pytest.fixture(scope="module")
def by_text(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export_onnx(trained / "model", tmp_path_factory.mktemp("text") / "onnx", False)


@pytest.fixture(scope="module")
def by_id(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export_onnx(trained / "model", tmp_path_factory.mktemp("ids") / "onnx", True)


def ids_of(dataset: Dataset, trained: Path) -> dict[str, TextIds]:
    known = exported_vocabularies(dataset, str(trained / "model"))
    return {f.name: TextIds.of(f, known[f.name]) for f in dataset.categorical_features}


@pytest.mark.parametrize("way", ["by_text", "by_id"])
def test_answers_are_those_of_the_model(
    way: str,
    request: pytest.FixtureRequest,
    exported: Any,
    trained: Path,
    dataset: Dataset,
    lists: list[Any],
) -> None:
    written: Exported = request.getfixturevalue(way)
    assert written.apart < 1e-5
    ids = ids_of(dataset, trained) if way == "by_id" else {}
    ranker = OnnxRanker(str(written.folder / "ranker.onnx"), ids)
    for one in lists:
        inputs = {name: value.numpy() for name, value in plain(one, dataset).items()}
        found = ranker.answer(ranker.inputs(inputs))
        for name, expected in by_plain_tensors(exported, one, dataset).items():
            np.testing.assert_allclose(found[name], expected, atol=1e-5)


def test_the_folder_says_what_the_model_takes(by_text: Exported, dataset: Dataset) -> None:
    described = json.loads((by_text.folder / "inputs.json").read_text())
    inputs = described["inputs"]
    assert set(inputs) == {feature.name for feature in dataset.features}
    assert inputs["region"] == {"dtype": "string", "shape": [1], "missing": ""}
    assert inputs["image"]["shape"] == ["items", 2]
    assert inputs["price"] == {"dtype": "float32", "shape": ["items"], "missing": "NaN"}
    assert set(described["outputs"]) == {"probability_click", "probability_order", "score"}
    session = onnxruntime.InferenceSession(str(by_text.folder / "ranker.onnx"))
    assert {one.name: one.shape for one in session.get_inputs()} == {
        name: one["shape"] for name, one in inputs.items()
    }
    assert "Rank by `score`" in (by_text.folder / "README.md").read_text()
    assert not (by_text.folder / "vocabularies").exists()


def test_ids_come_with_their_vocabularies(by_id: Exported, dataset: Dataset, trained: Path) -> None:
    assert by_id.by_id == ("region", "brand")
    described = json.loads((by_id.folder / "inputs.json").read_text())["inputs"]["brand"]
    known = exported_vocabularies(dataset, str(trained / "model"))["brand"]
    assert described["dtype"] == "int64"
    assert described["unknown"] == {"first": 1 + len(known), "buckets": 1}
    written = json.loads((by_id.folder / described["vocabulary"]).read_text())
    assert written == {"": 0, **{text.decode(): 1 + n for n, text in enumerate(known)}}
    assert "Fingerprint64" in (by_id.folder / "README.md").read_text()


def test_a_folder_that_is_there_is_left(trained: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a folder that is not there yet"):
        export_onnx(trained / "model", tmp_path, False)


def test_a_folder_without_definitions_is_no_pushed_model(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a model that seqmd pushed"):
        export_onnx(tmp_path / "model", tmp_path / "onnx", False)


def test_other_answers_are_not_written(
    trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = OnnxRanker.answer

    def wrong(ranker: OnnxRanker, inputs: Any) -> dict[str, np.ndarray]:
        return {name: values + 0.001 for name, values in answer(ranker, inputs).items()}

    monkeypatch.setattr(OnnxRanker, "answer", wrong)
    with pytest.raises(InputError, match=r"answers that are 0\.001"):
        export_onnx(trained / "model", tmp_path / "onnx", False)
    assert not list(tmp_path.iterdir())


@pytest.mark.thorough
def test_what_tasks_pass_on_is_exported(train: Callable[..., Path], tmp_path: Path) -> None:
    model = {"ranker": "aitm", "adaptor": "shared", "region_gates": "all", "linear_path": True}
    folder = train(tmp_path, training={"epochs": 1}, model=model)
    assert export_onnx(folder / "model", tmp_path / "onnx", False).apart < 1e-5


def test_an_origin_is_told(dataset: Dataset) -> None:
    origin = 1_790_000_000.0
    changed = [
        one.model_copy(update={"origin": origin}) if one.name == "rating" else one
        for one in dataset.features
    ]
    counted = dataset.model_copy(update={"features": tuple(changed)})
    items = [helper.make_tensor_value_info(name, 1, ["items"]) for name in ("price", "rating")]
    model = helper.make_model(helper.make_graph([], "ranker", items, []))
    inputs = _description(model, counted, {}, {}, Path("7"))["inputs"]
    assert inputs["rating"]["origin"] == origin
    assert "origin" not in inputs["price"]
    assert "with an `origin`" in _readme(model, counted, {})
    assert "with an `origin`" not in _readme(model, dataset, {})
