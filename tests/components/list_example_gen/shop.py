"""Logs of a small shop, and a run of the executor on them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tensorflow as tf
from tfx.types.artifact import Artifact
from tfx.types.standard_artifacts import Examples

from components.list_example_gen.component import ListExampleGen
from components.list_example_gen.counts import ListCounts
from components.list_example_gen.executor import Executor
from components.list_example_gen.set_aside import RowsSetAside
from data.definition.dataset import Dataset

LISTS, ITEMS = 60, 5


def shop_dataset(**fields: Any) -> Dataset:
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


def shop_logs(lists: int = LISTS, items: int = ITEMS) -> pd.DataFrame:
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

    def do(
        self,
        dataset: Dataset,
        files: Sequence[Path],
        evaluation: Sequence[Path] = (),
        attributes: Artifact | None = None,
    ) -> "Run":
        component = ListExampleGen(dataset, list(map(str, files)), list(map(str, evaluation)))
        outputs = {"examples": [self.examples], "rows_set_aside": [self.aside]}
        inputs = {"attributes": [attributes]} if attributes else {}
        Executor().Do(inputs, outputs, component.spec.exec_properties)
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


def write_logs(logs: pd.DataFrame, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        logs.to_csv(path, index=False)
    else:
        logs.to_parquet(path, row_group_size=64)
    return path
