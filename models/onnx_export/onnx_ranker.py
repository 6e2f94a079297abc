"""A model of ONNX in this process, by onnxruntime."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import onnxruntime
import tensorflow as tf

from data.definition.dataset import Dataset
from models.onnx_export.id_inputs import TextIds
from models.serving.drawn_lists import draw_list

# Short lists and long ones take different ways through the transform graph.
_CANDIDATES = (1, 2, 25, 200, 1000)
# Past actions before them, where there are histories; None for as many as there may be.
_ENTRIES = (None, 1, 0, 7, None)
_UNKNOWN = (b"a value that no vocabulary has", b"\\", b"two\nlines")
_SEED = 2


class OnnxRanker:
    """Answers for one list, as `serving_default` of a SavedModel does.

    Args:
        model: path of the model, or its bytes.
        ids: features that it takes as ids, by name.
        threads: for the operations of an answer; onnxruntime's own choice by default.
    """

    def __init__(
        self, model: str | bytes, ids: Mapping[str, TextIds], threads: int | None = None
    ) -> None:
        options = onnxruntime.SessionOptions()
        if threads is not None:
            options.intra_op_num_threads = options.inter_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        self._ids = dict(ids)
        self._outputs = [output.name for output in self._session.get_outputs()]

    def inputs(self, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """What onnxruntime takes for the features of a list.

        Args:
            values: by feature, as `draw_list` has them; texts as bytes.

        Returns:
            By feature: float32, texts, or ids int64.
        """
        return {name: self._input(name, given) for name, given in values.items()}

    def answer(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Each output by name, float [L]."""
        found = self._session.run(self._outputs, dict(inputs))
        return dict(zip(self._outputs, found, strict=True))

    def _input(self, name: str, given: np.ndarray) -> np.ndarray:
        if given.dtype != object:
            return given
        if name in self._ids:
            return np.array([self._ids[name].id(text) for text in given], np.int64)
        return np.array([text.decode() for text in given], object)


def largest_difference(
    signature: Any,
    ranker: OnnxRanker,
    dataset: Dataset,
    vocabularies: Mapping[str, list[bytes]],
) -> float:
    """How far answers of both are apart, on drawn lists with missing, unknown and huge values.

    Args:
        signature: `serving_default` of the SavedModel.
        ranker: the same model by onnxruntime.
        dataset: the features.
        vocabularies: values of each categorical feature.

    Returns:
        The largest difference of any answer, over the answer itself where that is more than 1;
        infinite where one of both has no number.
    """
    generator = np.random.default_rng(_SEED)
    texts = {name: [*known, *_UNKNOWN] for name, known in vocabularies.items()}
    largest = 0.0
    for items, entries in zip(_CANDIDATES, _ENTRIES, strict=True):
        values = draw_list(dataset, texts, items, generator, entries)
        for given in values.values():
            if given.dtype != object and given.size:
                given.flat[0] = generator.choice([1e30, -1e30, np.inf, -np.inf, 0.0])
        expected = signature(**{name: tf.constant(given) for name, given in values.items()})
        for name, found in ranker.answer(ranker.inputs(values)).items():
            wanted = expected[name].numpy()
            apart = np.abs(found - wanted) / np.maximum(1.0, np.abs(wanted))
            largest = max(largest, float(np.where(np.isnan(apart), np.inf, apart).max()))
    return largest
