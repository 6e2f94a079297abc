"""Serving logs, which know no labels, make the statistics that the training lists make."""

from pathlib import Path

import pandas as pd
import pytest
from tfx.components.statistics_gen.stats_artifact_utils import load_statistics
from tfx.types.standard_artifacts import ExampleStatistics

from components.example_validator.statistics_by_region import by_region, features_of, missing_share
from components.serving_statistics.component import ServingStatistics
from components.serving_statistics.executor import Executor
from data.definition import keys
from data.definition.dataset import Dataset
from data.errors import InputError

LISTS, ITEMS = 30, 4
DATASET = Dataset.model_validate(
    {
        "name": "shop",
        "list_id": "search",
        "region": "country",
        "time": {"column": "shown_at"},
        "tasks": [{"name": "click", "grade": 1}],
        "features": [
            {"name": "price", "scope": "item", "kind": "numeric"},
            {"name": "brand", "scope": "item", "kind": "categorical"},
            {"name": "adults", "scope": "context", "kind": "numeric"},
        ],
        "most_bad_rows": 0.05,
    }
)


def served() -> pd.DataFrame:
    rows = range(LISTS * ITEMS)
    return pd.DataFrame(
        {
            "search": [f"s{row // ITEMS}" for row in rows],
            "country": ["FR" if row // ITEMS % 3 == 0 else "DE" for row in rows],
            "price": [None if row % ITEMS == 0 else row for row in rows],
            "brand": [f"brand {row % 5}" for row in rows],
            "adults": [row // ITEMS % 4 for row in rows],
        }
    )


def run(folder: Path, logs: pd.DataFrame) -> ExampleStatistics:
    logs.iloc[: len(logs) // 2].to_csv(folder / "1.csv", index=False)
    logs.iloc[len(logs) // 2 :].to_parquet(folder / "2.parquet")
    found = ExampleStatistics()
    found.uri = str(folder / "statistics")
    component = ServingStatistics(DATASET, [str(folder)])
    Executor().Do({}, {"statistics": [found]}, component.spec.exec_properties)
    return found


def test_lists_are_counted_by_region(tmp_path: Path) -> None:
    found = by_region(load_statistics(run(tmp_path, served()), keys.SERVING).proto())
    assert {region: part.num_examples for region, part in found.items()} == {
        None: LISTS,
        "FR": LISTS // 3,
        "DE": LISTS - LISTS // 3,
    }
    features = features_of(found[None])
    assert missing_share(features["price"]) == 1 / ITEMS
    assert features["brand"].string_stats.unique == 5
    assert features["adults"].num_stats.common_stats.num_non_missing == LISTS


def test_too_many_bad_rows_are_refused(tmp_path: Path) -> None:
    logs = served()
    logs.loc[:10, "search"] = ""
    with pytest.raises(InputError, match=r"11 of 120 rows cannot be used.*1\.csv, row 1: search"):
        run(tmp_path, logs)


def test_no_file_is_refused_when_the_pipeline_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected files that end in"):
        ServingStatistics(DATASET, [str(tmp_path / "*.csv")])
