import sys
from types import SimpleNamespace

import numpy as np
import pytest

from data.errors import InputError
from models.attributes.config import AttributeConfig
from models.attributes.model import AttributeModel
from models.attributes.sentences import sentence_encoder


def test_a_package_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(InputError, match="pip install sentence-transformers"):
        sentence_encoder("any")


def test_weights_that_are_missing_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str) -> None:
        raise OSError("no such model")

    package = SimpleNamespace(SentenceTransformer=refuse)
    monkeypatch.setitem(sys.modules, "sentence_transformers", package)
    with pytest.raises(InputError, match="--encoder any: its weights cannot be loaded: no such"):
        sentence_encoder("any")


def test_vectors_join_those_of_words(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lengths:
        def __init__(self, name: str) -> None:
            pass

        def encode(self, texts: list[str]) -> np.ndarray:
            return np.array([[len(text), 1.0] for text in texts])

    package = SimpleNamespace(SentenceTransformer=Lengths)
    monkeypatch.setitem(sys.modules, "sentence_transformers", package)
    config = AttributeConfig(units=3, buckets=8, match_buckets=8, sentence_encoder="lengths")
    model = AttributeModel.untrained(config, np.ones(8, np.float32))
    assert model.scorer.encoder.projection.kernel.shape == (2, 3)
    np.testing.assert_array_equal(model.encoded(["ab", "c"]), [[2, 1], [1, 1]])
