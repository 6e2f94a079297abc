import math
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import InputError
from data.loading import load_dataset
from data.rows import canonical_rows
from data.sources import source_for
from tests.formats.google_store import acted, hit, session, shown, write

DATASET = load_dataset("google_store")

SESSIONS = [
    session("007", hit(None)),  # Saw no product: no list.
    session(
        "18446744073709551615",
        hit("0", shown("cap"), shown("mug", 0, "Related Products")),
        hit("1", acted("mug", clicked=True)),
        hit("0", shown("pen"), shown("mug", 5_000_000), shown("bag")),
        hit("2", acted("pen")),
        hit("3", acted("bag")),  # A cart without a click: this funnel is not clean.
        hit("6", acted("bag"), acted("sock")),  # The sock was never shown.
    ),
    session("008", hit("0", shown("cap")), country="Chad"),
]


def test_a_row_is_a_product_that_a_session_was_shown(tmp_path: Path) -> None:
    path = write(tmp_path, SESSIONS)
    source = source_for(DATASET)
    source.check([path])
    (batch,) = [batch for shard in source.shards(path) for batch in source.read(shard)]
    canonical = canonical_rows(DATASET, batch)
    assert canonical.set_aside.num_rows == 0
    rows = canonical.rows.to_pydict()
    assert rows["product"] == ["cap", "mug", "pen", "bag", "cap"]
    assert rows["__row"] == [2, 2, 2, 2, 3]
    assert rows["item_position"] == [1, 2, 3, 4, 1]
    assert rows["label_click"] == [0, 1, 1, 0, 0]
    assert rows["label_add_to_cart"] == [0, 0, 0, 1, 0]
    assert rows["label_purchase"] == [0, 0, 0, 1, 0]
    # As it was shown first; a price of 0 is no price.
    assert rows["list_name"] == ["Category", "Related Products", "Category", "Category", "Category"]
    assert rows["price"][0] == pytest.approx(18_990_000 / 1e6)
    assert math.isnan(rows["price"][1])
    assert rows["list_user"] == ["18446744073709551615"] * 4 + ["008"]
    assert rows["list_region"] == ["Peru"] * 4 + ["Chad"]
    assert rows["list_platform"] == ["mobile"] * 5
    assert rows["list_time"] == [1501583974] * 5
    assert rows["medium"] == [""] * 5
    assert len(set(rows["list_id"])) == 2


def test_sessions_without_any_hit_give_no_rows(tmp_path: Path) -> None:
    path = write(tmp_path, [{**SESSIONS[0], "hits": None}, {**SESSIONS[0], "hits": []}])
    assert [batch.rows_in for batch in source_for(DATASET).read(path)] == [0]


def test_another_parquet_file_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "flat.parquet")
    pq.write_table(pa.table({"visitId": [1]}), path)
    with pytest.raises(InputError, match=r"flat\.parquet: expected sessions .* found no fullVis"):
        source_for(DATASET).check([path])


def test_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    with pytest.raises(InputError, match=r"expected files that end in \.parquet"):
        source_for(DATASET).files([str(tmp_path)])


def test_columns_of_other_types_are_one_clear_error(tmp_path: Path) -> None:
    """One hit of one product without the lists around them: the leaves have the same paths."""
    product = {"isClick": None, **shown("cap")}
    row = session("007") | {"hits": {**hit("0"), "product": product}}
    path = str(tmp_path / "other.parquet")
    pq.write_table(pa.Table.from_pylist([row]), path)
    source = source_for(DATASET)
    source.check([path])
    with pytest.raises(InputError, match=r"other\.parquet: expected sessions .* of other types: "):
        list(source.read(path))
