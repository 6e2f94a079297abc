import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from tfx.components.util.examples_utils import get_split_file_patterns
from tfx.components.util.tfxio_utils import get_record_batch_factory_from_artifact
from tfx.types.standard_artifacts import Examples
from tfx_bsl.tfxio.dataset_options import RecordBatchesOptions

from components.list_example_gen import plan
from components.list_example_gen.artifacts import RowsSetAside
from components.list_example_gen.component import ListExampleGen
from components.list_example_gen.counts import ListCounts
from components.list_example_gen.executor import Executor
from data import keys
from data.dataset import Dataset
from data.errors import InputError

LISTS, ITEMS = 60, 5


def _dataset(**fields: Any) -> Dataset:
    definition: dict[str, Any] = {
        "name": "shop",
        "list_id": "search",
        "tasks": [{"name": "click", "grade": 1}, {"name": "purchase", "grade": 2}],
        "features": [
            {"name": "price", "scope": "item", "kind": "numeric"},
            {"name": "title", "scope": "item", "kind": "categorical"},
            {"name": "adults", "scope": "context", "kind": "numeric"},
        ],
        "region": "country",
        "most_bad_rows": 0.1,
    }
    return Dataset.model_validate(definition | fields)


def _logs(lists: int = LISTS, items: int = ITEMS) -> pd.DataFrame:
    random = np.random.default_rng(7)
    count = lists * items
    number = np.repeat(np.arange(lists), items)
    return pd.DataFrame(
        {
            "search": [f"s{value}" for value in number],
            "country": np.where(number % 3 == 0, "DE", "FR"),
            "adults": number % 4,
            "price": random.integers(1, 1000, count) / 4,
            "title": [f"item {value}" for value in range(count)],
            "click": (np.arange(count) % 4 == 0).astype(int),
            "purchase": (np.arange(count) % 8 == 0).astype(int),
        }
    )


class Run:
    """One run of the executor in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.examples, self.aside = Examples(), RowsSetAside()
        self.examples.uri = str(folder / "examples")
        self.aside.uri = str(folder / "rows_set_aside")

    def do(self, dataset: Dataset, files: Sequence[Path], evaluation: Sequence[Path] = ()) -> "Run":
        component = ListExampleGen(dataset, list(map(str, files)), list(map(str, evaluation)))
        outputs = {"examples": [self.examples], "rows_set_aside": [self.aside]}
        Executor().Do({}, outputs, component.spec.exec_properties)
        return self

    @property
    def counts(self) -> ListCounts:
        return ListCounts.load(self.aside.uri)

    def rows(self) -> list[dict]:
        lines = [path.read_text() for path in sorted(Path(self.aside.uri).glob("rows-*.jsonl"))]
        return [json.loads(line) for text in lines for line in text.splitlines()]

    def files(self) -> dict[str, bytes]:
        paths = [path for path in Path(self.examples.uri).rglob("*") if path.is_file()]
        return {str(path.relative_to(self.examples.uri)): path.read_bytes() for path in paths}

    def lists(self, split: str = "*") -> dict[bytes, dict[str, list]]:
        paths = sorted(Path(self.examples.uri).glob(f"Split-{split}/*"))
        found = {}
        for record in tf.data.TFRecordDataset(list(map(str, paths))).as_numpy_iterator():
            features = tf.train.Example.FromString(record).features.feature
            values = {
                name: list(getattr(feature, feature.WhichOneof("kind")).value)
                for name, feature in features.items()
            }
            assert values["list_id"][0] not in found
            found[values["list_id"][0]] = values
        return found


@pytest.fixture(params=["csv", "parquet"])
def ending(request: pytest.FixtureRequest) -> str:
    return request.param


def _write(logs: pd.DataFrame, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        logs.to_csv(path, index=False)
    else:
        logs.to_parquet(path, row_group_size=64)
    return path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("run")
    return Run(folder).do(_dataset(), [_write(_logs(), folder / "logs.parquet")])


def test_every_list_comes_out_whole_in_one_split(run: Run) -> None:
    by_split = [run.lists(split) for split in keys.SPLITS]
    lists = run.lists()  # asserts that no id occurs twice
    assert all(by_split)
    assert sum(map(len, by_split)) == len(lists) == LISTS
    logs = _logs()
    for list_id, group in logs.groupby("search"):
        values = lists[list_id.encode()]
        assert values["price"] == group["price"].tolist()
        assert values["title"] == [title.encode() for title in group["title"]]
        assert values["adults"] == [group["adults"].iloc[0]]
        assert values["label_click"] == group["click"].tolist()
        assert values["list_region"] == [group["country"].iloc[0].encode()]


def test_counts_agree_with_the_logs(run: Run) -> None:
    counts = run.counts
    logs = _logs()
    assert (counts.files, counts.rows_in, counts.rows_out) == (1, LISTS * ITEMS, LISTS * ITEMS)
    assert counts.rows_set_aside == 0
    assert counts.lists == {split: len(run.lists(split)) for split in keys.SPLITS}
    assert counts.items == {split: ITEMS * counts.lists[split] for split in keys.SPLITS}
    assert sum(counts.positives["click"].values()) == logs["click"].sum()
    # number % 3 == 0 for 20 of 60 lists
    assert sum(counts.lists_by_region["DE"].values()) == 20
    assert sum(counts.lists_by_region["FR"].values()) == 40
    assert counts.lists_by_platform == {"all": counts.lists}
    assert (counts.lists_cut, counts.items_cut) == (0, 0)
    assert counts.lists_with_conflicting_context == 0


def test_the_artifact_is_what_stock_components_expect(run: Run) -> None:
    assert list(run.examples.splits) == list(keys.SPLITS)
    assert run.examples.get_string_custom_property("payload_format") == "FORMAT_TF_EXAMPLE"
    folders = {Path(path).parts[0] for path in run.files()}
    assert folders == {"Split-train", "Split-validation", "Split-eval"}
    assert {path.name for path in Path(run.aside.uri).iterdir()} == {"counts.json"}


def test_shuffled_rows_over_three_files_make_the_same_lists(
    tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Known fault 6, with the rows of a list all over the files, and many buckets.
    monkeypatch.setattr(plan, "_BUCKET_BYTES", 2000)
    logs = _logs().sample(frac=1, random_state=3).reset_index(drop=True)
    parts = np.array_split(logs, 3)
    paths = [_write(part, tmp_path / f"{i}.{ending}") for i, part in enumerate(parts)]
    first = Run(tmp_path / "first").do(_dataset(), paths)
    second = Run(tmp_path / "second").do(_dataset(), paths[::-1])
    assert len(first.files()) > 6
    assert first.files() == second.files()
    lists = first.lists()
    assert len(lists) == LISTS
    for list_id, group in logs.groupby("search"):
        assert lists[list_id.encode()]["price"] == group["price"].tolist()
        assert lists[list_id.encode()]["label_click"] == group["click"].tolist()
    assert first.counts.rows_out == LISTS * ITEMS


def test_small_logs_make_as_many_files_as_are_asked_for(tmp_path: Path, run: Run) -> None:
    paths = [_write(_logs(), tmp_path / "logs.parquet")]
    split = Run(tmp_path / "split").do(_dataset(fewest_files=4), paths)
    found = [sum("Split-train" in name for name in one.files()) for one in (run, split)]
    assert found == [1, 4]
    assert split.lists() == run.lists()


def test_new_lists_move_no_old_one(tmp_path: Path) -> None:
    # Known fault 7.
    old = _write(_logs(100, 2), tmp_path / "old.parquet")
    new = _logs(50, 2)
    new["search"] = "new" + new["search"]
    before = Run(tmp_path / "before").do(_dataset(), [old])
    after = Run(tmp_path / "after").do(_dataset(), [old, _write(new, tmp_path / "new.parquet")])
    assert len(after.lists()) == 100 + 50
    for split in keys.SPLITS:
        assert set(before.lists(split)) <= set(after.lists(split))


def test_the_same_id_in_two_regions_can_be_two_lists(tmp_path: Path, ending: str) -> None:
    # Known fault 7: a compound key.
    logs = _logs()
    logs["country"] = np.where(np.arange(len(logs)) % 5 < 2, "DE", "FR")
    path = _write(logs, tmp_path / f"logs.{ending}")
    run = Run(tmp_path).do(_dataset(list_id=["search", "country"]), [path])
    lists = run.lists().values()
    assert len(lists) == 2 * LISTS
    assert {len(values["price"]) for values in lists} == {2, 3}


def test_ids_are_texts_from_file_to_file(tmp_path: Path) -> None:
    # 2^53 + 1 and 2^53 are the same float; in the other file ids are no numbers at all.
    logs = _logs(40, 2)
    big = logs["search"].str[1:].astype(int) // 20 + 2**53
    paths = [
        _write(logs.assign(search=big), tmp_path / "1.parquet"),
        _write(logs.assign(search=big.astype(str)), tmp_path / "2.csv"),
        _write(logs, tmp_path / "3.csv"),
    ]
    lists = Run(tmp_path).do(_dataset(), paths).lists()
    assert len(lists) == 2 + 40
    # Both files hold 20 of the lists with 2 rows each under one id.
    assert len(lists[str(2**53 + 1).encode()]["price"]) == 2 * 20 * 2


def test_quoted_texts_survive_and_short_rows_are_set_aside(tmp_path: Path) -> None:
    # Known fault 8.
    path = _write(_logs(), tmp_path / "logs.csv")
    with path.open("a", newline="") as file:
        file.write('s0,DE,0,1.5,"a, ""b""\nc",1,0\n')
        file.write("s1,DE,0,1.5,1,0\n")
    run = Run(tmp_path).do(_dataset(), [path])
    assert run.lists()[b"s0"]["title"][-1] == b'a, "b"\nc'
    assert len(run.lists()[b"s1"]["title"]) == ITEMS
    assert [(row["file"], row["row"]) for row in run.rows()] == [(str(path), LISTS * ITEMS + 2)]
    counts = run.counts
    assert (counts.rows_in, counts.rows_out, counts.rows_set_aside) == (302, 301, 1)
    assert list(counts.reasons.values()) == [1]


def test_bad_rows_are_set_aside_with_their_reason(tmp_path: Path, ending: str) -> None:
    logs = _logs()
    logs.loc[[3, 17], "click"] = [-2, -3]
    path = _write(logs, tmp_path / f"logs.{ending}")
    run = Run(tmp_path).do(_dataset(), [path])
    assert [row["row"] for row in run.rows()] == [3 + 1, 17 + 1]
    assert [row["reason"][-4:] for row in run.rows()] == ["'-2'", "'-3'"]
    assert run.counts.reasons == {"click: expected 0, 1 or a count": 2}
    assert run.counts.rows_in == run.counts.rows_out + 2
    assert len(run.lists()[b"s0"]["price"]) == ITEMS - 1


def test_too_many_bad_rows_stop_the_run_and_leave_nothing(tmp_path: Path) -> None:
    logs = _logs()
    logs.loc[:40, "click"] = -2
    path = _write(logs, tmp_path / "logs.parquet")
    run = Run(tmp_path)
    with pytest.raises(InputError, match=r"41 of 300 rows .* most_bad_rows = 0.1") as error:
        run.do(_dataset(), [path])
    assert f"41 rows, such as {path}, row 1: click: expected" in str(error.value)
    assert not [*Path(run.examples.uri).rglob("*"), *Path(run.aside.uri).rglob("*")]


def test_rows_that_are_all_bad_stop_the_run_whatever_share_is_allowed(tmp_path: Path) -> None:
    path = _write(_logs().assign(click=-2), tmp_path / "logs.parquet")
    with pytest.raises(InputError, match="all 300 rows had to be set aside") as error:
        Run(tmp_path).do(_dataset(most_bad_rows=1.0), [path])
    assert f"300 rows, such as {path}, row 1: click: expected" in str(error.value)


def test_a_file_without_a_column_is_refused_before_any_is_read(tmp_path: Path) -> None:
    good = _write(_logs(), tmp_path / "1.csv")
    bad = _write(_logs().drop(columns="price"), tmp_path / "2.csv")
    run = Run(tmp_path)
    with pytest.raises(InputError, match="price"):
        run.do(_dataset(), [good, bad])
    assert not Path(run.examples.uri).exists()


def test_an_empty_split_is_refused(tmp_path: Path) -> None:
    logs = _logs().assign(time="2024-01-05T12:00:00")
    path = _write(logs, tmp_path / "logs.parquet")
    split = {"by": "time", "validation_from": "2024-01-06", "evaluation_from": "2024-01-07"}
    run = Run(tmp_path)
    with pytest.raises(InputError, match="expected lists of validation, found none") as error:
        run.do(_dataset(time={"column": "time"}, split=split), [path])
    assert "from 2024-01-05 12:00 to 2024-01-05 12:00" in str(error.value)
    assert not list(Path(run.examples.uri).rglob("*"))


def test_lists_of_evaluation_files_are_evaluated_only(tmp_path: Path) -> None:
    main = _write(_logs(), tmp_path / "main.parquet")
    evaluation = _logs(20)
    # Lists e1 to e19, and one that is in the main input as well.
    evaluation["search"] = "e" + evaluation["search"].str[1:]
    evaluation.loc[evaluation["search"] == "e0", "search"] = "s59"
    path = _write(evaluation, tmp_path / "evaluation.csv")
    run = Run(tmp_path).do(_dataset(), [main], [path])
    assert set(run.lists("eval")) == {b"s59", *(b"e%d" % number for number in range(1, 20))}
    assert set(run.lists("train")) | set(run.lists("validation")) == {
        b"s%d" % number for number in range(59)
    }
    assert run.counts.reasons == {"the list is in the files of --eval-input too": ITEMS}
    assert [row["row"] for row in run.rows()] == list(range(59 * ITEMS + 1, 60 * ITEMS + 1))


def test_a_link_to_a_file_of_the_input_is_no_evaluation_file(tmp_path: Path) -> None:
    main = _write(_logs(), tmp_path / "main.parquet")
    (tmp_path / "link.parquet").symlink_to(main)
    with pytest.raises(InputError, match=r"link\.parquet is among the files of --input"):
        Run(tmp_path).do(_dataset(), [main], [str(tmp_path / "link.parquet")])


def test_long_training_lists_are_cut_and_counted(tmp_path: Path) -> None:
    # Known fault 5: lists of 45, limit 40, the only purchase at 45.
    logs = _logs(20, 45)
    logs["purchase"] = (np.arange(len(logs)) % 45 == 44).astype(int)
    path = _write(logs, tmp_path / "logs.parquet")
    dataset = _dataset(longest_training_list=40, actions_imply_previous=False)
    run = Run(tmp_path).do(dataset, [path])
    counts = run.counts
    trained = counts.lists["train"]
    assert (counts.lists_cut, counts.items_cut) == (trained, 5 * trained)
    assert counts.positives_cut["purchase"] == trained
    assert counts.items == {
        "train": 40 * trained,
        "validation": 45 * counts.lists["validation"],
        "eval": 45 * counts.lists["eval"],
    }
    assert counts.rows_out == sum(counts.items.values()) + counts.items_cut


def test_implied_labels_and_conflicts_are_counted(tmp_path: Path) -> None:
    logs = _logs()
    logs["click"] = 0
    logs.loc[1, "adults"] = 99
    path = _write(logs, tmp_path / "logs.parquet")
    run = Run(tmp_path).do(_dataset(), [path])
    assert run.counts.labels_implied == {"click": logs["purchase"].sum(), "purchase": 0}
    assert run.counts.lists_with_conflicting_context == 1
    assert run.lists()[b"s0"]["adults"] == [0.0]


@pytest.mark.parametrize("seed", range(2))
def test_random_logs_equal_a_row_by_row_grouping(
    tmp_path: Path, ending: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "_BUCKET_BYTES", 3000)
    random = np.random.default_rng(seed)
    count = 500
    numbers = random.integers(0, 80, count)
    logs = pd.DataFrame(
        {
            "search": [f"s{number}" for number in numbers],
            "country": [f"C{number % 4}" for number in numbers],
            "adults": numbers % 5,
            "price": np.where(random.random(count) < 0.1, np.nan, random.integers(1, 99, count)),
            "title": [f"item {number}" for number in range(count)],
            "click": (random.random(count) < 0.3).astype(int),
            "purchase": (random.random(count) < 0.1).astype(int),
        }
    )
    cuts = np.sort(random.integers(0, count, 4))
    parts = np.split(logs, cuts)
    paths = [_write(part, tmp_path / f"{i}.{ending}") for i, part in enumerate(parts) if len(part)]
    expected: dict[bytes, list[tuple]] = {}
    for row in logs.itertuples():
        clicked = float(row.click or row.purchase)
        item = (str(row.price), row.title.encode(), clicked, float(row.purchase))
        expected.setdefault(row.search.encode(), []).append(item)
    run = Run(tmp_path / "run").do(_dataset(), paths)
    columns = ("title", "label_click", "label_purchase")
    found = {
        list_id: list(zip(map(str, values["price"]), *(values[c] for c in columns), strict=True))
        for list_id, values in run.lists().items()
    }
    assert found == expected


def test_stock_components_find_and_read_the_examples(run: Run) -> None:
    factory = get_record_batch_factory_from_artifact([run.examples], ["test"])
    patterns = get_split_file_patterns([run.examples], "eval")
    options = RecordBatchesOptions(batch_size=100, num_epochs=1, shuffle=False)
    batch = next(factory(patterns, options, None))
    assert batch.num_rows == run.counts.lists["eval"]
    assert len(batch["price"].flatten()) == run.counts.items["eval"]
    assert set(batch["adults"].value_lengths().to_pylist()) == {1}
