from pathlib import Path

import pytest

from components.list_example_gen.checking import (
    LostDataError,
    check_complete,
    check_rows,
    reasons_told,
)
from components.list_example_gen.counts import ListCounts
from components.list_example_gen.parts import remove_temporary, whole_file
from components.list_example_gen.plan import Plan, ReadTask
from components.list_example_gen.tally import AddTallies, Tally
from data.definition.dataset import Dataset
from data.errors import InputError
from data.rows.separators import Separators
from data.sources import Shard

DATASET = Dataset.model_validate(
    {
        "name": "shop",
        "list_id": "search",
        "tasks": [{"name": "click", "grade": 1}],
        "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
    }
)
PLAN = Plan(DATASET, ("a.csv",), (ReadTask(0, Shard("a.csv"), False),), 1, False)


def _complete() -> Tally:
    """10 rows in: 1 set aside, 9 in 3 lists, of which 2 items were cut."""
    tally = Tally()
    tally.count("shards", {"in": 1})
    tally.count("rows", {"in": 10, "out": 9, "set_aside": 1})
    tally.count("items", {"train": 4, "validation": 2, "eval": 1})
    tally.count("cut", {"items": 2})
    tally.count("lists", {"train": 1, "validation": 1, "eval": 1})
    tally.count("distinct_lists", {"in": 3, "out": 3})
    return tally


def test_a_complete_run_passes() -> None:
    check_complete(PLAN, _complete())


def test_lists_that_are_set_aside_whole_are_not_lost() -> None:
    tally = _complete()
    # A fourth list of 2 rows.
    tally.count("rows", {"in": 2, "set_aside": 2})
    tally.count("distinct_lists", {"in": 1, "set_aside": 1})
    check_complete(PLAN, tally)


@pytest.mark.parametrize(
    ("kind", "name", "what"),
    [
        ("shards", "in", "shards: 1 in, 0 out"),
        ("rows", "out", "rows: 10 in, 9 out"),
        ("rows", "set_aside", "rows: 10 in, 9 out"),
        ("items", "eval", "items: 9 in, 8 out"),
        ("lists", "eval", "lists: 3 in, 2 out"),
        ("distinct_lists", "out", "ids of lists: 3 in, 2 out"),
        ("distinct_lists", "set_aside", "lists: 3 in, 2 out"),
    ],
)
def test_whatever_is_lost_is_noticed(kind: str, name: str, what: str) -> None:
    tally = _complete()
    tally.count(kind, {name: -1})
    with pytest.raises(LostDataError, match=what):
        check_complete(PLAN, tally)


def test_a_file_that_is_not_as_it_was_written_is_noticed(tmp_path: Path) -> None:
    tally = _complete()
    (tmp_path / "records").write_bytes(b"12345")
    tally.written[f"{tmp_path}/records"] = 5
    check_complete(PLAN, tally)
    tally.written[f"{tmp_path}/others"] = 7
    with pytest.raises(LostDataError, match="others: 7 in, 0 out"):
        check_complete(PLAN, tally)


def test_faults_of_workers_are_told_once() -> None:
    tally = _complete()
    tally.add(Tally(faults=["a.csv is cut off"]))
    tally.add(Tally(faults=["a.csv is cut off"]))
    with pytest.raises(InputError, match=r"^a.csv is cut off$"):
        check_complete(PLAN, tally)


def test_tallies_add_up_in_any_order(tmp_path: Path) -> None:
    first = Tally(places={"bad": ("b.csv", 2, "bad, found 1")}, written={"x": 1}, times=[5, 9])
    first.count("reasons", {"bad": 3})
    second = Tally(places={"bad": ("a.csv", 7, "bad, found 2")}, written={"y": 2}, times=[3, 4])
    second.count("reasons", {"bad": 1, "worse": 2})
    combine = AddTallies()
    for tallies in ([first, second], [second, first]):
        parts = [combine.add_input(combine.create_accumulator(), tally) for tally in tallies]
        total = combine.extract_output(combine.merge_accumulators(parts))
        assert total.of("reasons") == {"bad": 3 + 1, "worse": 2}
        assert total.places == {"bad": ("a.csv", 7, "bad, found 2")}
        assert total.written == {"x": 1, "y": 2}
        assert total.times == [3, 9]
    total.save(f"{tmp_path}/tally.json")
    assert Tally.load(f"{tmp_path}/tally.json") == total


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    with whole_file(str(tmp_path), "folder/name") as path:
        Path(path).write_text("whole")
        assert not (tmp_path / "folder").exists()
    assert (tmp_path / "folder" / "name").read_text() == "whole"
    with pytest.raises(ZeroDivisionError):
        _write_half(tmp_path)
    assert (tmp_path / "folder" / "name").read_text() == "whole"
    remove_temporary(str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def _write_half(folder: Path) -> None:
    with whole_file(str(folder), "folder/name") as path:
        Path(path).write_text("half")
        raise ZeroDivisionError


@pytest.mark.parametrize("set_aside", [9, 10])
def test_behind_bad_rows_another_separator_is_told(set_aside: int) -> None:
    tally = Tally()
    tally.count("rows", {"in": 10, "out": 10 - set_aside, "set_aside": set_aside})
    tally.count("reasons", {"viewed_at: expected a time": set_aside})
    tally.places["viewed_at: expected a time"] = ("a.csv", 1, "viewed_at: expected a time")
    tally.count_separators(Separators("|", texts=8, holding={"|": 0, ";": 8}))
    counts = ListCounts.of(tally, files=1, tasks=["click"])
    (told,) = counts.told_of_separator()
    with pytest.raises(InputError, match="had to be set aside") as refused:
        check_rows(PLAN, counts, tally, "aside/6")
    kept = "each of them, with its reason, is kept in aside/6/rows-*.jsonl"
    assert str(refused.value).endswith(f"\n{told}\n{kept}")


def test_reasons_beyond_the_commonest_are_told_with_their_rows() -> None:
    reasons = {"click: d": 1, "price: a": 6, "price: b": 5, "click: c": 3, "age: e": 2}
    tally = Tally(places={reason: ("a.csv", 7, f"{reason}, whole") for reason in reasons})
    assert reasons_told(reasons, tally).splitlines() == [
        "  6 rows, such as a.csv, row 7: price: a, whole",
        "  5 rows, such as a.csv, row 7: price: b, whole",
        "  3 rows, such as a.csv, row 7: click: c, whole",
        "  3 rows besides: age: e; click: d",
    ]
