import numpy as np
import pyarrow as pa
import pytest
import tensorflow as tf
from tfx_bsl.coders.example_coder import RecordBatchToExamplesEncoder

from data.lists.encoding import encode_examples


def _batch(**columns: pa.Array) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(list(columns.values()), list(columns))


def _vectors(numbers: np.ndarray, length: int) -> pa.Array:
    return pa.FixedSizeListArray.from_arrays(pa.array(numbers.astype(np.float32)), length)


def _lists(values: pa.Array, row_lengths: np.ndarray) -> pa.ListArray:
    if pa.types.is_fixed_size_list(values.type):
        row_lengths, values = row_lengths * values.type.list_size, values.flatten()
    offsets = np.concatenate([[0], np.cumsum(row_lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def _texts(random: np.random.Generator, count: int) -> pa.Array:
    # Empty, short, not ASCII, and long enough for sizes of one, two and three bytes.
    choices = [b"", b"a", "Größe".encode(), b"x" * 127, b"y" * 128, b"z" * 20_000]
    return pa.array([choices[number] for number in random.integers(0, 6, count)], pa.binary())


def _random(seed: int, lists: int = 40) -> tuple[pa.RecordBatch, pa.RecordBatch, np.ndarray]:
    random = np.random.default_rng(seed)
    row_lengths = random.integers(1, 60, lists)
    count = int(row_lengths.sum())
    numbers = random.normal(size=count).astype(np.float32)
    numbers[::7], numbers[::11] = np.nan, np.inf
    context = _batch(
        list_id=_texts(random, lists),
        list_time=pa.array(random.integers(-(2**62), 2**62, lists)),
        weight=pa.array(random.normal(size=lists).astype(np.float32)),
        words=_vectors(random.normal(size=3 * lists), 3),
    )
    items = _batch(
        price=pa.array(numbers),
        brand=_texts(random, count),
        image=_vectors(random.normal(size=50 * count), 50),
    )
    return context, items, row_lengths


def _parsed(example: bytes) -> dict[str, bytes]:
    features = tf.train.Example.FromString(example).features.feature
    return {name: feature.SerializeToString() for name, feature in features.items()}


@pytest.mark.parametrize("seed", range(3))
def test_examples_equal_those_of_tfx_bsl(seed: int) -> None:
    context, items, row_lengths = _random(seed)
    ones = np.ones_like(row_lengths)
    columns = {name: _lists(context[name], ones) for name in context.schema.names}
    columns |= {name: _lists(items[name], row_lengths) for name in items.schema.names}
    expected = RecordBatchToExamplesEncoder().encode(_batch(**columns))
    found = encode_examples(context, items, row_lengths)
    assert list(map(_parsed, found)) == list(map(_parsed, expected))


def test_the_same_lists_are_the_same_bytes() -> None:
    assert encode_examples(*_random(1)) == encode_examples(*_random(1))


def test_slices_of_columns_are_encoded_as_they_are() -> None:
    context, items, row_lengths = _random(2)
    start, end = int(row_lengths[:5].sum()), int(row_lengths[:9].sum())
    found = encode_examples(context.slice(5, 4), items.slice(start, end - start), row_lengths[5:9])
    assert found == encode_examples(context, items, row_lengths)[5:9]


def test_an_example_in_bytes() -> None:
    context = _batch(t=pa.array([300]))
    items = _batch(x=pa.array(np.array([1, -2], np.float32)), s=pa.array([b"ab", b""]))
    # Example{1: {1: {1: key, 2: Feature}}}; a head is (field << 3 | 2), then the size.
    numbers = b"\x0a\x08" + np.array([1, -2], "<f4").tobytes()
    x = b"\x0a\x01x" + b"\x12\x0c" + b"\x12\x0a" + numbers
    t = b"\x0a\x01t" + b"\x12\x06" + b"\x1a\x04" + b"\x0a\x02\xac\x02"  # 300 = 2 * 128 + 44
    s = b"\x0a\x01s" + b"\x12\x08" + b"\x0a\x06" + b"\x0a\x02ab" + b"\x0a\x00"
    entries = b"".join(b"\x0a" + bytes([len(entry)]) + entry for entry in (x, t, s))
    expected = b"\x0a" + bytes([len(entries)]) + entries
    assert encode_examples(context, items, np.array([2])) == [expected]


def test_lists_of_texts_only_and_of_other_types() -> None:
    context = _batch(list_id=pa.array([b"a"]))
    found = encode_examples(context, _batch(brand=pa.array([b"x", b"y"])), np.array([2]))
    assert set(_parsed(found[0])) == {"list_id", "brand"}
    with pytest.raises(TypeError, match=r"price: expected float32, .* found double"):
        encode_examples(context, _batch(price=pa.array([1.0, 2.0])), np.array([2]))


def test_whole_numbers_of_any_size() -> None:
    numbers = [0, 127, 128, 2**63 - 1, -1]
    context = _batch(list_time=pa.array(numbers))
    items = _batch(price=pa.array(np.zeros(5, np.float32)))
    found = encode_examples(context, items, np.ones(5, np.int64))
    varints = [b"\x00", b"\x7f", b"\x80\x01", b"\xff" * 8 + b"\x7f", b"\xff" * 9 + b"\x01"]
    for number, varint, example in zip(numbers, varints, found, strict=True):
        features = tf.train.Example.FromString(example).features.feature
        assert list(features["list_time"].int64_list.value) == [number]
        assert bytes([len(varint)]) + varint in example
