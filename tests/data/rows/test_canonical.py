import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.errors import InputError
from data.hashing import text_hashes
from data.rows import CanonicalRows, canonical_rows, canonical_schema
from data.sources import RowBatch, source_for

DATASET = Dataset.model_validate(
    {
        "name": "shop",
        "list_id": ["country", "search"],
        "time": {"column": "at", "zone": "Europe/Berlin"},
        "tasks": [
            {"name": "click", "column": "clicks", "grade": 1},
            {"name": "buy", "grade": 2, "true_probability": "buy_truth"},
        ],
        "region": "country",
        "platform": "device",
        "user": "visitor",
        "item_region": "item_country",
        "position": "rank",
        "randomised": "shuffled",
        "list_weight": "weight",
        "features": [
            {"name": "price", "scope": "item", "kind": "numeric"},
            {"name": "brand", "scope": "item", "kind": "categorical"},
            {"name": "looks", "scope": "item", "kind": "vector", "length": 2},
            {"name": "age", "scope": "context", "kind": "bucketed"},
        ],
    }
)
ROW = {
    "country": "NL",
    "search": 9_007_199_254_740_993,
    "at": "2026-01-02 01:00:00",
    "clicks": 3,
    "buy": 0,
    "buy_truth": 0.25,
    "device": "web",
    "visitor": "v1",
    "item_country": "NL",
    "rank": 4,
    "shuffled": True,
    "weight": 0.5,
    "price": 9.99,
    "brand": "é, \"x\"\n",
    "looks": [1.0, 2.0],
    "age": 41,
}  # fmt: skip


def canonical(
    *changes: dict, dataset: Dataset = DATASET, with_labels: bool = True
) -> CanonicalRows:
    """Canonical rows of one row with each of the changes, from row 11 on."""
    table = pa.Table.from_pylist([ROW | change for change in changes])
    return canonical_rows(dataset, RowBatch("logs.parquet", 11, table), with_labels)


def test_every_key_of_a_row() -> None:
    result = canonical({})
    assert result.set_aside.num_rows == 0
    assert result.rows.schema == canonical_schema(DATASET)
    assert result.rows.to_pylist() == [
        {
            "list_id": "NL\x1f9007199254740993",
            "list_region": "NL",
            "list_platform": "web",
            "list_user": "v1",
            "list_time": (56 * 365 + 14 + 1) * 24 * 3600,  # 1:00 in Berlin is 0:00 UTC.
            "list_randomised": "true",
            "list_weight": 0.5,
            "price": float(np.float32(9.99)),
            "brand": 'é, "x"\n',
            "looks": [1.0, 2.0],
            "age": 41.0,
            "label_click": 1.0,
            "label_buy": 0.0,
            "truth_buy": 0.25,
            "item_position": 4.0,
            "item_domestic": 1.0,
            "__file": "logs.parquet",
            "__row": 11,
        }
    ]


def test_missing_values_are_no_fault() -> None:
    kept = dict.fromkeys(("country", "search", "at"))
    missing = {name: None for name in ROW if name not in kept}
    result = canonical(missing, {})
    assert result.set_aside.num_rows == 0
    row = result.rows.to_pylist()[0]
    assert all(column.null_count == 0 for column in result.rows.columns)
    assert row["list_user"] == row["list_id"]
    assert row["list_platform"] == row["brand"] == ""
    assert row["list_weight"] == 1
    assert row["list_randomised"] == "false"
    nan = (
        "price",
        "age",
        "label_click",
        "label_buy",
        "truth_buy",
        "item_position",
        "item_domestic",
    )
    assert all(math.isnan(row[name]) for name in nan)
    assert all(math.isnan(number) for number in row["looks"])


def test_texts_for_missing_values_are_those_of_the_dataset() -> None:
    dataset = DATASET.model_copy(update={"null_values": ("-",)})
    result = canonical({"brand": "-"}, {"brand": "NULL"}, dataset=dataset)
    assert result.rows["brand"].to_pylist() == ["", "NULL"]
    assert canonical({"brand": "NULL"}).rows["brand"].to_pylist() == [""]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"search": None}, "search: expected a list's id, found nothing"),
        ({"country": ""}, "country: expected a list's id, found nothing"),
        ({"at": None}, "at: expected a time in ISO form, found nothing"),
        ({"at": "yesterday"}, "at: expected a time in ISO form, found 'yesterday'"),
        (
            {"at": "1767225600000"},
            "at: expected a time in ISO form (these look like counts since 1970:"
            " `time.unit: ms`), found '1767225600000'",
        ),
        ({"clicks": -2}, "clicks: expected 0, 1 or a count, found '-2'"),
        ({"clicks": math.inf}, "clicks: expected 0, 1 or a count, found 'inf'"),
        ({"buy_truth": 1.5}, "buy_truth: expected 0 to 1, found '1.5'"),
        ({"weight": -1.0}, "weight: expected a weight of at least 0, found '-1'"),
        ({"looks": [1.0]}, "looks: expected 2 numbers, found '1 numbers'"),
    ],
)
def test_rows_that_do_not_fit_are_set_aside(change: dict, reason: str) -> None:
    result = canonical({}, change, {})
    assert result.set_aside.to_pylist() == [{"file": "logs.parquet", "row": 12, "reason": reason}]
    assert result.rows["__row"].to_pylist() == [11, 13]
    assert result.rows.schema == canonical_schema(DATASET)


def test_a_row_is_set_aside_once_for_its_first_fault_in_the_order_of_rows() -> None:
    result = canonical({"clicks": -1}, {}, {"search": None, "clicks": -1})
    assert result.set_aside["row"].to_pylist() == [11, 13]
    assert [reason[:6] for reason in result.set_aside["reason"].to_pylist()] == ["clicks", "search"]


def test_infinite_features_are_missing() -> None:
    prices = canonical({"price": math.inf}, {"price": -math.inf}, {}).rows["price"].to_pylist()
    assert math.isnan(prices[0])
    assert math.isnan(prices[1])
    assert prices[2] == float(np.float32(9.99))


def test_an_id_that_a_float_has_rounded_is_set_aside() -> None:
    table = pa.Table.from_pylist([ROW, ROW]).drop(["search"])
    table = table.append_column("search", pa.array([7.0, 2.0**53]))
    result = canonical_rows(DATASET, RowBatch("a", 1, table))
    assert result.rows["list_id"].to_pylist() == ["NL\x1f7"]
    assert "an id that no float has rounded, found '9007199254740992'" in str(result.set_aside)


@pytest.mark.parametrize(
    "ids", [pa.array([7, 12]), pa.array([7.0, 12.0]), pa.array(["7.0", "12.0"])]
)
def test_ids_are_the_same_whatever_stores_them(ids: pa.Array) -> None:
    dataset = Dataset.model_validate(
        DATASET.model_dump(mode="json") | {"list_id": ["search"], "user": "who", "item": "sku"}
    )
    table = pa.Table.from_pylist([ROW, ROW]).drop(["search"])
    for name in ("search", "who", "sku"):
        table = table.append_column(name, ids)
    rows = canonical_rows(dataset, RowBatch("f.csv", 1, table)).rows
    texts = pa.array(["7", "12"])
    assert rows["list_id"].to_pylist() == rows["list_user"].to_pylist() == texts.to_pylist()
    assert rows["__item"].to_pylist() == text_hashes(texts, "item").tolist()


def test_compound_ids_do_not_run_together() -> None:
    result = canonical({"country": "N", "search": 11}, {"country": "N1", "search": 1})
    assert result.rows["list_id"].to_pylist() == ["N\x1f11", "N1\x1f1"]


def test_domestic_is_where_the_item_is_of_the_region_or_the_flag_says_so() -> None:
    items = canonical({"item_country": "NL"}, {"item_country": "FR"}, {"item_country": None})
    np.testing.assert_array_equal(items.rows["item_domestic"], [1, 0, math.nan])
    flagged = DATASET.model_copy(update={"item_region": None, "domestic": "shuffled"})
    items = canonical({"shuffled": True}, {"shuffled": False}, dataset=flagged)
    assert items.rows["item_domestic"].to_pylist() == [1, 0]


def test_lists_that_are_only_scored_need_but_ids_and_features() -> None:
    table = pa.Table.from_pylist([ROW]).select(
        ["country", "search", "price", "brand", "looks", "age"]
    )
    result = canonical_rows(DATASET, RowBatch("a", 1, table), with_labels=False)
    assert result.rows.schema == canonical_schema(DATASET, with_labels=False)
    row = result.rows.to_pylist()[0]
    assert (row["list_region"], row["list_platform"], row["list_weight"]) == ("NL", "", 1)
    assert row["list_user"] == row["list_id"]
    assert not any(name.startswith(("label_", "truth_")) for name in row)


def test_without_region_and_platform_there_is_one_of_each() -> None:
    gone = {"region": None, "platform": None, "item_region": None, "user": None}
    row = canonical({}, dataset=DATASET.model_copy(update=gone)).rows.to_pylist()[0]
    assert (row["list_region"], row["list_platform"]) == ("all", "all")
    assert row["list_user"] == row["list_id"]


def test_a_column_that_holds_no_numbers_at_all_is_an_error() -> None:
    table = pa.Table.from_pylist([ROW]).drop(["price"]).append_column("price", pa.array([[1.0]]))
    with pytest.raises(
        InputError, match=r"a\.parquet: feature 'price': expected numbers in column"
    ):
        canonical_rows(DATASET, RowBatch("a.parquet", 1, table))


def test_csv_and_parquet_give_the_same_rows(tmp_path: Path) -> None:
    table = pa.Table.from_pylist(
        [
            ROW | {"search": row, "price": None if row % 5 == 0 else row / 7, "clicks": row % 3}
            for row in range(1, 301)
        ]
    )
    pq.write_table(table, str(tmp_path / "a.parquet"))
    as_text = table.drop(["looks"]).append_column("looks", pa.array(["[1.0, 2.0]"] * 300))
    arrow_csv.write_csv(as_text, str(tmp_path / "a.csv"))
    source = source_for(DATASET)
    found = []
    for name in ("a.parquet", "a.csv"):
        (batch,) = source.read(str(tmp_path / name))
        found.append(canonical_rows(DATASET, batch).rows.drop(["__file"]).to_pandas())
    looks_apart = [frame.pop("looks").map(list) for frame in found]
    assert looks_apart[0].equals(looks_apart[1])
    assert found[0].equals(found[1])
    assert len(found[0]) == 300


def test_rows_in_are_rows_out_and_rows_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    header = (
        "search,country,at,clicks,buy,buy_truth,device,visitor,item_country,rank,shuffled,weight"
    )
    row = "7,NL,2026-01-02,1,0,,web,,NL,1,0,"
    lines = [f"{header},price,brand,looks,age"]
    lines += [f"{row},{price},b,1 2,3" for price in ("1", "x", "2", "3,4", "5")]
    path.write_bytes("\n".join(lines).encode() + b"\n" + row.encode() + b",1,\xff,1 2,3\n")
    results = [canonical_rows(DATASET, batch) for batch in source_for(DATASET).read(str(path))]
    rows = pa.concat_tables([result.rows for result in results])
    aside = pa.concat_tables([result.set_aside for result in results])
    assert rows["__row"].to_pylist() == [1, 3, 5]
    assert dict(zip(aside["row"].to_pylist(), aside["reason"].to_pylist(), strict=True)) == {
        2: "price: expected a number, found 'x'",
        4: "expected 16 columns, found 17 (line 5)",
        6: "expected UTF-8, found other bytes",
    }


@pytest.mark.parametrize("name", ["price", "brand", "looks", "age"])
def test_an_optional_feature_that_a_file_lacks_is_missing(name: str) -> None:
    fields = DATASET.model_dump(mode="json")
    for feature in fields["features"]:
        feature["optional"] = feature["name"] == name
    dataset = Dataset.model_validate(fields)
    table = pa.Table.from_pylist([{key: ROW[key] for key in ROW if key != name}] * 2)
    found = canonical_rows(dataset, RowBatch("f.csv", 1, table))
    assert found.set_aside.num_rows == 0
    expected = {"price": math.nan, "brand": "", "looks": [math.nan] * 2, "age": math.nan}
    assert str(found.rows[name].to_pylist()) == str([expected[name]] * 2)
    assert found.rows.schema == canonical_schema(dataset)


def test_an_origin_is_subtracted_before_numbers_are_rounded() -> None:
    changes = [{"price": 1_767_225_600 + seconds} for seconds in range(20)]
    found = canonical(*changes).rounded
    assert found["price"]._asdict() == {"values": 20, "left": 1, "least": 1_767_225_600}
    price = {"name": "price", "scope": "item", "kind": "numeric", "origin": 1_767_225_600}
    features = (Feature.model_validate(price), *DATASET.features[1:])
    dataset = DATASET.model_copy(update={"features": features})
    result = canonical(*changes, dataset=dataset)
    assert result.rounded == {}
    assert result.rows["price"].to_pylist() == list(range(20))


@pytest.mark.parametrize(
    ("values", "reasons"),
    [
        (pa.array([1, None, 7]), ["sku: expected an item's id, found nothing"]),
        (pa.array(["1", "NULL", "7"]), ["sku: expected an item's id, found nothing"]),
        (pa.array([1.0, math.nan, 7.0]), ["sku: expected an item's id, found nothing"]),
        (
            pa.array([1.0, 2.0**53, 7.0]),
            ["sku: expected an id that no float has rounded, found '9007199254740992'"],
        ),
    ],
)
def test_an_item_is_known_by_its_id_whatever_stores_it(values: pa.Array, reasons: list) -> None:
    dataset = Dataset.model_validate(DATASET.model_dump(mode="json") | {"item": "sku"})
    table = pa.Table.from_pylist([ROW] * 3).append_column("sku", values)
    found = canonical_rows(dataset, RowBatch("f.csv", 1, table))
    assert found.set_aside["reason"].to_pylist() == reasons
    texts = pa.Table.from_pylist([ROW] * 2).append_column("sku", pa.array(["1", "7"]))
    assert found.rows["__item"] == canonical_rows(dataset, RowBatch("f", 1, texts)).rows["__item"]
    scored = canonical_rows(dataset, RowBatch("f.csv", 1, table), with_labels=False)
    assert scored.rows.num_rows == 3


def test_an_item_cannot_be_a_list() -> None:
    dataset = Dataset.model_validate(DATASET.model_dump(mode="json") | {"item": "looks"})
    with pytest.raises(InputError, match=r"item: expected text or numbers in column 'looks'"):
        canonical_rows(dataset, RowBatch("f.csv", 1, pa.Table.from_pylist([ROW])))


def test_what_a_kind_lacks_is_missing() -> None:
    definition = DATASET.model_dump(mode="json")
    features = [{**one, "kinds": ["product"]} for one in definition["features"][:3]]
    kind = {"name": "type", "scope": "item", "kind": "categorical"}
    mixed = Dataset.model_validate(
        {**definition, "kind_of_item": "type", "features": [*features, kind]}
    )
    changes = [{"type": "product"}, {"type": "shop"}, {"type": None}]
    found = canonical(*changes, dataset=mixed).rows.to_pylist()
    whole = canonical({}).rows.to_pylist()[0]
    names = ("price", "brand", "looks")
    assert [found[0][name] for name in names] == [whole[name] for name in names]
    for row in found[1:]:
        assert row["brand"] == ""
        assert math.isnan(row["price"])
        assert all(map(math.isnan, row["looks"]))
    assert [row["type"] for row in found] == ["product", "shop", ""]
    # What is not read cannot be wrong.
    wrong = {"price": "on request", "looks": [1.0]}
    read = canonical({"type": "shop", **wrong}, {"type": "product", **wrong}, dataset=mixed)
    assert [row["type"] for row in read.rows.to_pylist()] == ["shop"]
    assert "on request" in read.set_aside["reason"][0].as_py()
