from pathlib import Path

import numpy as np
import pyarrow as pa

from components.list_example_gen.parts import read_part, write_parts
from data.lists.lists import Lists


def _lists() -> Lists:
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(np.arange(12, dtype=np.float32)), 2)
    files = pa.DictionaryArray.from_arrays(pa.array([0] * 6, pa.int32()), pa.array(["a.csv"]))
    return Lists(
        context=pa.RecordBatch.from_arrays([pa.array([b"a", b"b", b"c"])], ["list_id"]),
        items=pa.RecordBatch.from_arrays([vectors, files], ["image", "__file"]),
        row_lengths=np.array([1, 2, 3]),
        conflicts={"country": np.array([False, True, False])},
    )


def test_parts_come_back_as_they_were(tmp_path: Path) -> None:
    lists = _lists()
    parts = [(4, lists.slice(0, 1)), (7, lists.slice(1, 3))]
    written = list(write_parts(str(tmp_path), parts))
    assert [bucket for bucket, _ in written] == [4, 7]
    for (_, part), (_, expected) in zip(written, parts, strict=True):
        found = read_part(part)
        assert found.context.equals(expected.context)
        assert found.items.equals(expected.items)
        assert found.row_lengths.tolist() == expected.row_lengths.tolist()
        assert set(found.conflicts) == {"country"}
        assert found.conflicts["country"].tolist() == expected.conflicts["country"].tolist()
