"""Sellers who leave the condition empty say it in words; nothing else of the logs changes."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.definition.dataset import Dataset
from data.simulator import SimulatorConfig, simulated_dataset
from data.simulator.silent_sellers import SILENT, listings_of_logs, write_listings

Simulate = Callable[..., pa.Table]


def test_the_logs_change_in_the_condition_alone(simulated: Simulate) -> None:
    plain, silent = simulated(lists=1_000), simulated(lists=1_000, silent_sellers=True)
    assert silent["true_condition"].equals(plain["condition"])
    for name in plain.column_names:
        assert name == "condition" or silent[name].equals(plain[name])
    assert set(silent.column_names) - set(plain.column_names) == {"item_id", "true_condition"}
    stated = silent["condition"].to_pylist()
    assert all(s in (None, t) for s, t in zip(stated, plain["condition"].to_pylist(), strict=True))
    # 25,000 listings: a standard deviation is .003.
    assert abs(stated.count(None) / len(stated) - SILENT) < 0.012


def test_texts_say_the_condition_in_words(simulated: Simulate) -> None:
    logs = simulated(lists=1_000, silent_sellers=True)
    listings = listings_of_logs(logs)
    texts = pc.binary_join_element_wise(
        listings["title"].combine_chunks(), listings["description"].combine_chunks(), "; "
    ).to_pylist()
    words = ("handmade", "crafted by hand", "from my own workshop", "made to order by me")
    found = Counter(
        any(word in text for word in words)
        for text, true in zip(texts, logs["true_condition"].to_pylist(), strict=True)
        if true == "handmade"
    )
    # All but the 5% without words and the 3% that mislead.
    assert abs(found[True] / found.total() - 0.92) < 0.02


def test_listings_and_taxonomy_are_written(simulated: Simulate, tmp_path: Path) -> None:
    logs = simulated(lists=50, silent_sellers=True)
    write_listings([logs.slice(0, 300), logs.slice(300)], tmp_path / "listings")
    written = pq.read_table(tmp_path / "listings" / "listings.parquet")
    assert written["item_id"].to_pylist() == logs["item_id"].to_pylist()
    taxonomy = json.loads((tmp_path / "listings" / "taxonomy.json").read_text())
    assert taxonomy["books"] == {"condition": ["new", "handmade", "vintage", "refurbished"]}
    assert set(written["category"].to_pylist()) <= set(taxonomy)


def test_the_definition_knows_the_items() -> None:
    fields = simulated_dataset(SimulatorConfig(silent_sellers=True))
    dataset = Dataset.model_validate(fields)
    assert dataset.item == "item_id"
    assert "true_condition" in dataset.left_out
    plain = simulated_dataset(SimulatorConfig())
    assert {name: value for name, value in fields.items() if name in plain} == plain
