import pyarrow as pa
import pytest

from data.rows.raw import RawColumn


@pytest.mark.parametrize(
    ("kind", "hinted"), [(pa.map_(pa.string(), pa.int64()), True), (pa.list_(pa.int64()), False)]
)
def test_maps_are_refused_with_what_to_make_of_them(kind: pa.DataType, hinted: bool) -> None:
    error = RawColumn(pa.nulls(1, kind), "seen", "feature 'seen'", "logs").wrong_type("numbers")
    plain = f"logs: feature 'seen': expected numbers in column 'seen', found the type {kind}"
    assert str(error).startswith(plain)
    hint = str(error)[len(plain) :]
    assert ("one list of the keys and one of the values" in hint) == hinted
    assert hinted or not hint
