"""What cannot be a model of ONNX is refused by name."""

import pytest
import tensorflow as tf

from data.artifacts.signature_names import SERVING_DEFAULT
from data.definition.dataset import Dataset
from data.errors import InputError
from models.onnx_export.conversion import convert


def test_a_feature_called_as_an_answer_is_refused() -> None:
    @tf.function(autograph=False)
    def answer(score: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"score": 2 * score}

    given = tf.TensorSpec([None], tf.float32, name="score")
    definition = {"name": "shop", "list_id": "id", "tasks": [{"name": "click", "grade": 1}]}
    feature = {"name": "score", "scope": "item", "kind": "numeric"}
    dataset = Dataset.model_validate({**definition, "features": [feature]})
    signatures = {SERVING_DEFAULT: answer.get_concrete_function(score=given)}
    with pytest.raises(InputError, match="expected features that are not called as an answer is"):
        convert(signatures, dataset, {})
