import math
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from data.errors import InputError
from data.loading import load_dataset
from data.rows import canonical_rows
from data.sources import parquet_files, source_for, table
from data.sources.trivago_lists import COLUMNS, HOTEL_ACTIONS
from data.sources.trivago_past_steps import NEWEST
from tests.formats.trivago import clickout, sessions, step, write

DATASET = load_dataset("trivago")
PAGE = {"7": 80, "8": 120, "9": 60}


def read(path: str) -> pd.DataFrame:
    source = source_for(DATASET, every_column=True)
    source.check([path])
    return pd.concat([batch.table.to_pandas() for batch in source.read(path)], ignore_index=True)


def rows_of(tmp_path: Path, *steps: dict) -> pd.DataFrame:
    return read(write(tmp_path / "steps.parquet", steps))


def test_a_row_is_a_hotel_on_the_page_of_a_clickout(tmp_path: Path) -> None:
    path = write(
        tmp_path / "steps.parquet",
        [step("a", 1, "interaction item image", "8"), clickout("a", 2, "9", PAGE)],
    )
    source = source_for(DATASET)
    (batch,) = [batch for shard in source.shards(path) for batch in source.read(shard)]
    canonical = canonical_rows(DATASET, batch)
    assert canonical.set_aside.num_rows == 0
    rows = canonical.rows.to_pydict()
    assert rows["__row"] == [2, 2, 2]
    assert rows["item_position"] == [1, 2, 3]
    assert rows["label_clickout"] == [0, 0, 1]
    assert rows["price"] == [80, 120, 60]
    assert rows["images_seen"] == [0, 1, 0]
    assert rows["list_region"] == ["FR"] * 3
    assert rows["list_platform"] == ["mobile"] * 3
    assert rows["list_user"] == ["user of a"] * 3
    assert rows["list_time"] == [1_541_599_020] * 3
    assert rows["destination"] == ["Portugal"] * 3
    assert len(set(rows["list_id"])) == 1


def test_what_the_session_did_before(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        step("a", 1, "interaction item image", "8"),
        step("a", 2, "interaction item image", "8"),
        step("a", 3, "search for item", "9"),
        clickout("a", 4, "7", PAGE),
        step("a", 5, "interaction item deals", "5"),
        step("a", 6, "change of sort order", "price only"),
        step("a", 7, "change of sort order", "interaction sort button"),
        clickout("a", 8, "8", {"8": 100, "9": 50, "5": 200}, current_filters="Best Value|Hotel"),
        step("a", 9, "interaction item info", "9"),
    )
    first, second = rows[:3], rows[3:]
    assert first.images_seen.tolist() == [0, 2, 0]
    assert first.is_last.tolist() == [0, 0, 1]
    assert first.price_to_last.tolist() == [80 / 60, 120 / 60, 60 / 60]
    assert first.seconds_since_interaction.tolist()[1:] == [40 - 20, 40 - 30]
    assert math.isnan(first.seconds_since_interaction[0])
    assert first[["position_before", "click_position_before"]].isna().all(axis=None)
    assert set(first.steps_before) == {3}
    assert set(first.clickouts_before) == {0}
    # Hotel 8 stood second on the page before, where the click went to the first.
    assert second.position_before.tolist()[:2] == [2, 3]
    assert second.below_click_before.tolist()[:2] == [2 - 1, 3 - 1]
    assert math.isnan(second.position_before[5])
    assert set(second.click_position_before) == {1}
    assert second.interactions.tolist() == [2, 1, 1]
    assert second.is_last.tolist() == [0, 0, 1]
    assert set(second.sort_order) == {"price only"}
    assert set(second.sort_filter) == {"Best Value"}
    assert set(second.filters) == {2}
    assert set(second.last_action) == {"change of sort order"}
    assert set(second.seconds_in_session) == {80 - 10}
    assert set(second.seconds_since_step) == {80 - 70}
    assert second.infos_seen.tolist() == [0, 0, 0]


def test_the_steps_before_a_page_as_a_history(tmp_path: Path) -> None:
    rows = rows_of(
        tmp_path,
        step("a", 1, "interaction item image", "8"),
        step("a", 2, "search for destination", "Lisbon, Portugal"),
        step("a", 3, "interaction item info", "5"),
        clickout("a", 4, "7", PAGE),
        step("a", 5, "interaction item deals", "9") | {"timestamp": 1_541_599_999},
        clickout("a", 8, "8", {"8": 100, "5": 200}),
        step("a", 9, "interaction item info", "9"),
        clickout("b", 1, "8", PAGE),
    )
    first, second, third = rows[:3], rows[3:5], rows[5:]
    assert [list(items) for items in first.viewed_item] == [["5", "8"]] * 3
    assert list(first.viewed_action[0]) == ["interaction item info", "interaction item image"]
    assert list(first.seconds_ago[0]) == [40 - 30, 40 - 10]
    # Hotel 5 stands on no page yet; where a hotel stands on the page itself is not told.
    np.testing.assert_array_equal(first.viewed_price[0], [np.nan, PAGE["8"]])
    np.testing.assert_array_equal(first.viewed_position[0], [np.nan, np.nan])
    assert [list(items) for items in second.viewed_item] == [["9", "7", "5", "8"]] * 2
    assert second.viewed_action[3][1] == "clickout item"
    # The clock of the newest one went back.
    np.testing.assert_array_equal(second.seconds_ago[3], [np.nan, 80 - 40, 80 - 30, 80 - 10])
    # 5 and 8 cost what this page says, 9 and 7 what the page before said.
    assert list(second.viewed_price[3]) == [PAGE["9"], PAGE["7"], 200, 100]
    np.testing.assert_array_equal(second.viewed_position[3], [3, 1, np.nan, 2])
    assert [list(items) for items in third.viewed_item] == [[]] * 3


def test_a_long_history_is_cut_to_its_newest_steps(tmp_path: Path) -> None:
    steps = [step("a", n, "interaction item image", str(n)) for n in range(1, NEWEST + 11)]
    rows = rows_of(tmp_path, *steps, clickout("a", NEWEST + 11, "7", PAGE))
    newest = [str(n) for n in range(NEWEST + 10, 10, -1)]
    assert list(rows.viewed_item[0]) == newest
    assert rows.interactions.tolist() == [1, 1, 1]


def test_histories_are_those_of_plain_loops(tmp_path: Path) -> None:
    steps = sessions(40)
    rows = read(write(tmp_path / "steps.parquet", steps)).drop_duplicates(["session_id", "step"])
    entries = 0
    for row in rows.itertuples():
        own = [s for s in steps if s["session_id"] == row.session_id and s["step"] < row.step]
        own = [s for s in own if s["action_type"] in HOTEL_ACTIONS][::-1]
        assert list(row.viewed_item) == [s["reference"] for s in own]
        assert list(row.viewed_action) == [s["action_type"] for s in own]
        assert list(row.seconds_ago) == [row.timestamp - s["timestamp"] for s in own]
        entries += len(own)
    assert entries > 200


def slow_history(steps: list[dict], page: dict) -> list[dict]:
    """What the reader counts, in plain loops."""
    before = [
        s for s in steps if s["session_id"] == page["session_id"] and s["step"] < page["step"]
    ]
    found = []
    for hotel in page["impressions"].split("|"):
        own = [s for s in before if s["reference"] == hotel and s["action_type"] in HOTEL_ACTIONS]
        found.append(
            {
                **{
                    name: sum(s["action_type"] == action for s in own)
                    for action, name in HOTEL_ACTIONS.items()
                },
                "steps_before": len(before),
                "seconds_since_interaction": page["timestamp"] - own[-1]["timestamp"]
                if own
                else math.nan,
                "clickout": float(hotel == page["reference"]),
            }
        )
    return found


def test_counts_are_those_of_plain_loops(tmp_path: Path) -> None:
    steps = sessions(40)
    rows = read(write(tmp_path / "steps.parquet", steps))
    pages = [s for s in steps if s["action_type"] == "clickout item"]
    expected = pd.DataFrame([row for page in pages for row in slow_history(steps, page)])
    assert len(rows) > 200
    pd.testing.assert_frame_equal(rows[expected.columns], expected, check_dtype=False)


def changed_from(steps: list[dict], page: dict, generator: np.random.Generator) -> list[dict]:
    """Another click on a page, and anything else after it in the session."""
    changed = []
    for one in steps:
        if one["session_id"] != page["session_id"] or one["step"] < page["step"]:
            changed.append(one)
        elif one is page:
            changed.append(
                {**one, "reference": str(generator.choice(one["impressions"].split("|")))}
            )
        elif generator.random() < 0.7:
            other = {"reference": str(100 + generator.integers(12)), "timestamp": 1_541_700_000}
            changed.append({**one, **other, "action_type": "interaction item image"})
    extra = step(page["session_id"], page["step"] + 50, "search for item", "104")
    last = max(i for i, one in enumerate(changed) if one["session_id"] == page["session_id"])
    return [*changed[: last + 1], extra, *changed[last + 1 :]]


def test_nothing_at_or_after_the_clickout_is_in_a_feature(tmp_path: Path) -> None:
    steps = sessions(5, seed=7)
    before = read(write(tmp_path / "steps.parquet", steps))
    generator = np.random.default_rng(5)
    features = [name for name in COLUMNS if name != "clickout"]
    pages = [s for s in steps if s["action_type"] == "clickout item"]
    other_clicks = 0
    for page in pages:
        after = read(write(tmp_path / "other.parquet", changed_from(steps, page, generator)))
        own, other = (
            rows[(rows.session_id == page["session_id"]) & (rows.step == page["step"])]
            for rows in (before, after)
        )
        pd.testing.assert_frame_equal(
            own[features].reset_index(drop=True), other[features].reset_index(drop=True)
        )
        other_clicks += own.clickout.tolist() != other.clickout.tolist()
    assert other_clicks > len(pages) / 2


def test_a_clickout_that_was_logged_twice_does_not_know_its_copy(tmp_path: Path) -> None:
    page = clickout("a", 2, "9", PAGE)
    rows = rows_of(tmp_path, step("a", 1, "interaction item image", "8"), page, page)
    assert rows.clicks_before.tolist() == [0] * 6
    assert rows.is_last.tolist() == [0, 1, 0] * 2
    assert rows.steps_before.tolist() == [1] * 6


def test_sessions_are_whole_across_row_groups_and_files_of_any_kind(tmp_path: Path) -> None:
    steps = sessions(30, seed=3)
    whole = read(write(tmp_path / "whole.parquet", steps))
    torn = write(tmp_path / "torn.parquet", steps, rows_per_group=4)
    assert pq.ParquetFile(torn).num_row_groups > 20
    source = source_for(DATASET)
    assert [shard.row_groups for shard in source.shards(torn)] == [None]
    pd.testing.assert_frame_equal(read(torn), whole)
    pd.testing.assert_frame_equal(read(write(tmp_path / "steps.csv", steps)), whole)


def test_batches_may_tear_sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = sessions(30, seed=3)
    path = write(tmp_path / "steps.parquet", steps)
    whole = read(path)
    few = partial(parquet_files.read_parquet, rows_per_batch=7)
    monkeypatch.setattr(table, "read_parquet", few)
    pd.testing.assert_frame_equal(read(path), whole)


def test_an_unknown_click_is_an_unknown_label(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, clickout("a", 1, None, PAGE))
    assert rows.clickout.isna().all()


def test_a_click_on_a_hotel_that_the_page_does_not_show_is_none_of_the_page(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, clickout("a", 1, "6", PAGE), clickout("a", 2, "7", PAGE))
    assert rows.clickout.tolist() == [0, 0, 0, 1, 0, 0]
    assert rows.clicks_before.tolist() == [0] * 6
    assert rows.below_click_before.isna().all()


def test_a_session_begins_anew_in_another_file(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("1.parquet", "2.parquet")]
    for step_number, path in enumerate(paths, 1):
        write(path, [clickout("a", step_number, "7", PAGE)])
    source = source_for(DATASET, every_column=True)
    before = [
        batch.table["clicks_before"].to_pylist()
        for path in paths
        for batch in source.read(str(path))
    ]
    assert before == [[0, 0, 0], [0, 0, 0]]


def test_bad_rows_are_set_aside_with_their_reasons(tmp_path: Path) -> None:
    path = write(
        tmp_path / "steps.parquet",
        [
            clickout("a", 1, "7", PAGE, prices="80|120"),
            clickout("a", 2, "7", PAGE, impressions=None),
            step("a", 3, "interaction item image", "8") | {"step": None},
            clickout("a", 4, "7", PAGE),
            clickout("b", 1, "7", PAGE) | {"session_id": None},
        ],
    )
    batches = list(source_for(DATASET).read(path))
    refused = [row for batch in batches for row in batch.set_aside.to_pylist()]
    assert {row["row"]: row["reason"] for row in refused} == {
        1: "expected a price for each of the impressions: 3 impressions, 2 prices",
        2: "a clickout without impressions",
        3: "step: expected a whole number",
        5: "session_id: missing",
    }
    assert sum(batch.table.num_rows for batch in batches) == 3


def test_a_price_that_is_none_is_missing(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, clickout("a", 1, "7", PAGE, prices="0|many|60"))
    assert rows.price.isna().tolist() == [True, True, False]


def test_sessions_in_pieces_are_refused(tmp_path: Path) -> None:
    steps = [clickout("a", 1, "7", PAGE), clickout("b", 1, "7", PAGE), clickout("a", 2, "7", PAGE)]
    with pytest.raises(InputError, match=r"session 'a' comes again in row 3\. Sort the file"):
        rows_of(tmp_path, *steps)


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("session_id,step\na,1\n")
    with pytest.raises(InputError, match=r"other\.csv: expected sessions of the trivago challenge"):
        source_for(DATASET).check([str(path)])
