"""Operations of TensorFlow give the same values by onnxruntime, also at their edges."""

from collections.abc import Callable
from typing import Any

import numpy as np
import onnxruntime
import pytest
import tensorflow as tf

from data.definition.dataset import Dataset
from data.errors import InputError
from models.onnx_export.conversion import convert
from models.onnx_export.id_inputs import TextIds, bucket

BELOW_FOUR = np.nextafter(np.float32(4), np.float32(0))
USUAL = [0.0, -0.0, 1.0, -1.0, 0.1, 1e-7, 3.0, BELOW_FOUR, 4.0]
TINY_AND_HUGE = [1e-42, -1e-45, 2.0**-126, 2.0**-127, 1e30, -1e30, 3.4028235e38]
NUMBERS = np.array([*USUAL, *TINY_AND_HUGE, np.inf, -np.inf, np.nan], np.float32)
TEXTS = [b"a", b"", "łódź".encode(), b"b"]


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return Dataset.model_validate(
        {
            "name": "operations",
            "list_id": "id",
            "tasks": [{"name": "click", "grade": 1}],
            "features": [
                {"name": "number", "scope": "item", "kind": "numeric"},
                {"name": "text", "scope": "item", "kind": "categorical"},
            ],
        }
    )


def signatures(function: Callable[..., dict[str, tf.Tensor]], **specs: tf.TensorSpec) -> Any:
    return {
        "serving_default": tf.function(function, autograph=False).get_concrete_function(**specs)
    }


def number_signatures(function: Callable[[tf.Tensor], dict[str, tf.Tensor]]) -> Any:
    return signatures(function, number=tf.TensorSpec([None], tf.float32, "number"))


def by_onnx(model: Any, **inputs: Any) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, inputs), strict=True))


def test_numbers(dataset: Dataset) -> None:
    def of(number: tf.Tensor) -> dict[str, tf.Tensor]:
        bits = tf.bitcast(number, tf.int32)
        known = tf.where(tf.math.is_finite(number), number, 0.0)
        small = tf.clip_by_value(known, -1.0, 1.0)
        # TensorFlow divides by what is below 2^-126 as by 0.
        divisor = tf.where(tf.abs(known) < 2.0**-126, 0.0, known)
        row = tf.range(tf.size(number)) % 3
        boundaries = tf.constant([[-1.0, 0.1, 4.0]])
        return {
            "bits": bits,
            "shifted": tf.bitwise.right_shift(bits, 31),
            "left": tf.bitwise.left_shift(tf.cast(bits, tf.int64), 30),
            "log1p": tf.math.log1p(tf.abs(known)),
            "expm1": tf.math.expm1(small),
            "chosen": tf.where(tf.math.is_nan(number), 5.0, number),
            "divided": tf.math.divide_no_nan(tf.sign(small), divisor),
            "upper": tf.searchsorted(boundaries, known[None], "right")[0],
            "lower": tf.searchsorted(boundaries, known[None], "left")[0],
            "largest": tf.math.top_k((tf.cast(bits, tf.int64) // 2 + 2**40)[None], 9).values[0],
            "places": tf.math.top_k(bits[None], 9).indices[0],
            "sums": tf.gather(tf.math.unsorted_segment_sum(small, row, 5), row),
            "shapes": tf.concat(tf.shape_n([number, small[:, None]]), axis=0),
            "least": tf.math.unsorted_segment_min(small[:, None], row, 5)[:, 0],
            "most": tf.math.unsorted_segment_max(small, row, 4),
        }

    functions = number_signatures(of)
    found = by_onnx(convert(functions, dataset, {}), number=NUMBERS)
    for name, expected in functions["serving_default"](number=tf.constant(NUMBERS)).items():
        if found[name].dtype.kind == "f":
            np.testing.assert_allclose(found[name], expected, rtol=1e-6, atol=1e-7, err_msg=name)
        else:
            np.testing.assert_array_equal(found[name], expected, err_msg=name)


@pytest.mark.parametrize("step", [1, 2, -1])
def test_ranges(dataset: Dataset, step: int) -> None:
    starts = tf.constant([5, 0, 3, 7, 9], tf.int64)
    lengths = tf.constant([2, 0, 5, 1, 0], tf.int64)

    def of(number: tf.Tensor) -> dict[str, tf.Tensor]:
        moved = starts + tf.size(number, tf.int64)
        ranges = tf.ragged.range(moved, moved + step * lengths, step)
        return {"flat": ranges.flat_values, "splits": ranges.row_splits}

    functions = number_signatures(of)
    found = by_onnx(convert(functions, dataset, {}), number=NUMBERS)
    for name, expected in functions["serving_default"](number=tf.constant(NUMBERS)).items():
        np.testing.assert_array_equal(found[name], expected, err_msg=name)


def test_texts_are_compared_with_a_constant(dataset: Dataset) -> None:
    def of(text: tf.Tensor) -> dict[str, tf.Tensor]:
        equal, other = tf.equal(text, ""), tf.not_equal(text, "łódź")
        return {"equal": tf.cast(equal, tf.float32), "other": tf.cast(other, tf.float32)}

    functions = signatures(of, text=tf.TensorSpec([None], tf.string, "text"))
    texts = np.array([text.decode() for text in TEXTS], object)
    found = by_onnx(convert(functions, dataset, {}), text=texts)
    assert found["equal"].tolist() == [0, 1, 0, 0]
    assert found["other"].tolist() == [1, 1, 0, 1]


def hashed(text: tf.Tensor) -> dict[str, tf.Tensor]:
    return {"bucket": tf.strings.to_hash_bucket_fast(text, 3)}


def test_unknown_texts_fall_into_the_buckets_of_their_ids(dataset: Dataset) -> None:
    buckets = {"out_of_vocabulary_buckets": 3}
    ids = TextIds.of(dataset.feature("text").model_copy(update=buckets), [b"a", b"b"])
    assert ids.texts[:3] == (b"", b"a", b"b")
    assert [ids.id(text) for text in (b"", b"a", b"b")] == [0, 1, 2]
    assert ids.id(b"c") == 3 + bucket(b"c", 3)
    functions = signatures(hashed, text=tf.TensorSpec([None], tf.string, "text"))
    found = by_onnx(convert(functions, dataset, {"text": ids}), text=np.array([3, 4, 5, 99]))
    assert found["bucket"].tolist() == [0, 1, 2, 0]


def test_a_hash_of_texts_has_no_form(dataset: Dataset) -> None:
    functions = signatures(hashed, text=tf.TensorSpec([None], tf.string, "text"))
    with pytest.raises(InputError, match="StringToHashBucketFast: ONNX has no hash of texts"):
        convert(functions, dataset, {})


def test_an_operation_without_a_form_is_named(dataset: Dataset) -> None:
    functions = number_signatures(lambda number: {"value": tf.math.bessel_i0(number)})
    with pytest.raises(InputError, match="found BesselI0, which seqmd cannot convert"):
        convert(functions, dataset, {})
