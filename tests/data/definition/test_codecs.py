"""One codec a kind: what is stored, and that every kind has one."""

from typing import Any, get_args

import numpy as np
import pyarrow as pa
import pytest

from data.definition.codecs import CODECS, codec
from data.definition.feature import Feature, Kind
from data.definition.scopes import SCOPES, ScopeName
from data.rows.checked import CheckedColumns
from data.sources import RowBatch

NAN = float("nan")


def feature(kind: str, **fields: Any) -> Feature:
    return Feature.model_validate({"name": "x", "scope": "item", "kind": kind, **fields})


def read(one: Feature, values: list[Any]) -> pa.Array:
    table = pa.table({"x": values})
    return codec(one).read(CheckedColumns(RowBatch("logs.parquet", 1, table), ("",)))


def test_every_kind_and_scope_has_its_own() -> None:
    assert set(CODECS) == set(get_args(Kind))
    assert set(SCOPES) == set(get_args(ScopeName))
    assert [scope.rows(25, 3) for scope in SCOPES.values()] == [1, 25, 3]


@pytest.mark.parametrize(
    ("one", "column"),
    [
        (feature("numeric"), pa.float32()),
        (feature("categorical"), pa.string()),
        (feature("vector", length=2, scope="context"), pa.list_(pa.float32(), 2)),
        (feature("bucketed", scope="history"), pa.list_(pa.float32())),
        (feature("categorical", scope="history"), pa.list_(pa.binary())),
        (feature("vector", length=2, scope="history"), pa.list_(pa.float32())),
    ],
)
def test_a_column_holds_a_row_or_all_entries(one: Feature, column: pa.DataType) -> None:
    assert codec(one).column_type == column


@pytest.mark.parametrize(
    ("one", "values", "stored"),
    [
        (feature("numeric"), [1.5, None], [1.5, NAN]),
        (feature("bucketed", origin=10), [11, None], [1.0, NAN]),
        (feature("categorical"), [True, None], ["true", ""]),
        (feature("vector", length=2), [[1.0, 2.0], None], [[1.0, 2.0], [NAN, NAN]]),
    ],
)
def test_rows_are_stored_in_the_codecs_type(
    one: Feature, values: list[Any], stored: list[Any]
) -> None:
    own = codec(one)
    found = read(one, values)
    assert found.type == own.arrow_type
    assert str(found.to_pylist()) == str(stored)
    flat = found.flatten() if own.shape else found
    assert len(flat) == own.width * len(values)
    put_together = own.rows(flat)
    assert len(put_together) == len(values)
    assert own.to_numpy(put_together).shape == (len(values), *own.shape)
    missing = np.full(own.width, own.missing).tolist()
    assert str(missing) == str(flat.to_pylist()[-own.width :])
