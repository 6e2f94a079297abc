import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.attributes import folds, read_offers
from data.errors import InputError
from data.listings.taxonomy import Taxonomy

TAXONOMY = Taxonomy({"cup": {"Colour": ("Red", "Blue"), "Size": ("S",)}})


def test_offers_are_listings(tmp_path: Path) -> None:
    scores = [{"Colour": {"Red": {"score": 1}, "Blue": {"score": 1}}, "Size": {"n/a": 1}}, {}]
    lines = [
        json.dumps(
            {
                "category": "cup",
                "input_title": "Cup",
                "input_description": None,
                "cluster_id": 7,
                "target_scores": found,
            }
        )
        for found in scores
    ]
    (tmp_path / "offers.jsonl").write_text("\n".join(lines))
    listings, clusters = read_offers(str(tmp_path / "offers.jsonl"), TAXONOMY)
    assert listings.stated["Colour"].values == ["Red", "Blue"]
    assert listings.stated["Size"].absent.tolist() == [True, False]
    assert listings.stated["Size"].empty.tolist() == [False, True]
    assert clusters.tolist() == ["7", "7"]


def test_another_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "offers.jsonl").write_text('{"category": "cup"}')
    with pytest.raises(InputError, match="expected offers of WDC-PAVE as JSON lines"):
        read_offers(str(tmp_path / "offers.jsonl"), TAXONOMY)


def test_offers_of_a_cluster_share_a_fold_and_folds_are_even() -> None:
    clusters = np.repeat(np.arange(50).astype(str), 3)
    found = folds(clusters, 5, seed=1)
    assert [len(set(found[at : at + 3])) for at in range(0, 150, 3)] == [1] * 50
    assert np.bincount(found).tolist() == [30] * 5
