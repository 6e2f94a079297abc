import numpy as np
import pyarrow as pa
import pytest

from data.errors import InputError
from data.rows.raw import RawColumn
from data.rows.vectors import as_vectors

NAN = float("nan")


def vectors(values: pa.Array) -> tuple[np.ndarray, list[bool], list[str]]:
    found, wrong, shown = as_vectors(RawColumn(values, "v", "feature 'v'", "logs.parquet"), 2)
    assert found.type == pa.list_(pa.float32(), 2)
    assert found.null_count == 0
    return found.flatten().to_numpy().reshape(-1, 2), wrong.tolist(), shown.to_pylist()


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.float64()),
        pa.list_(pa.float32()),
        pa.large_list(pa.float32()),
        pa.list_(pa.float32(), 2),
        pa.list_(pa.int64()),
    ],
)
def test_lists_of_any_type(kind: pa.DataType) -> None:
    values = pa.array([[9, 9], [1, 2], None, [3, 4]], kind).slice(1)
    found, wrong, _ = vectors(values)
    np.testing.assert_array_equal(found, [[1, 2], [NAN, NAN], [3, 4]])
    assert wrong == [False] * 3


def test_another_length_is_wrong_and_spoils_no_other_row() -> None:
    values = pa.array([[1, 2], [3], [4, 5, 6], [], [7, 8]], pa.list_(pa.float64()))
    found, wrong, shown = vectors(values)
    assert wrong == [False, True, True, True, False]
    assert shown[1:4] == ["1 numbers", "3 numbers", "0 numbers"]
    np.testing.assert_array_equal(found[[0, 4]], [[1, 2], [7, 8]])


def test_numbers_in_it_that_are_missing_or_infinite_are_nan() -> None:
    values = pa.array([[1, None], [float("inf"), 2]], pa.list_(pa.float64()))
    found, wrong, _ = vectors(values)
    np.testing.assert_array_equal(found, [[1, NAN], [NAN, 2]])
    assert wrong == [False] * 2


def test_vectors_as_text() -> None:
    values = ["1 2", "[1.5, -2]", "1;2", "1|2", None, "1", "1 two", "[]"]
    found, wrong, shown = vectors(pa.array(values))
    np.testing.assert_array_equal(found[:5], [[1, 2], [1.5, -2], [1, 2], [1, 2], [NAN, NAN]])
    assert wrong == [False] * 5 + [True] * 3
    assert shown[5:7] == ["1 numbers", "words"]


def test_other_types_are_refused() -> None:
    with pytest.raises(InputError, match="feature 'v': expected lists of numbers in column 'v'"):
        vectors(pa.array([1.0]))
