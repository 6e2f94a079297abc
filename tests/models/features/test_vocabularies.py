from pathlib import Path

import apache_beam as beam
import numpy as np

from data.local_beam import local_pipeline
from models.features.vocabularies import Vocabularies


def written(folder: Path, batches: list[tuple[np.ndarray, ...]], sizes: list[int]) -> list[bytes]:
    names = [f"vocabulary_{number}" for number in range(len(sizes))]
    analyzer = Vocabularies(names, sizes)
    analyzer.base_temp_dir = str(folder)
    with local_pipeline() as pipeline:
        _ = pipeline | beam.Create(batches) | analyzer
    assert sorted(path.name for path in folder.iterdir()) == names
    return [(folder / name).read_bytes() for name in names]


def words(*values: str) -> np.ndarray:
    return np.array([value.encode() for value in values], object)


def test_vocabularies_hold_the_most_frequent_values_in_order(tmp_path: Path) -> None:
    batches = [
        (words("DE", "JP", ""), words("łódź", "acme", "acme", "zeta", "", "")),
        (words("DE", "FR"), words("zeta", "łódź", "łódź", "rare")),
        (words(), words()),
    ]
    # DE 2, and of those that occur once the later one in the order of bytes first, as TensorFlow
    # Transform has it; łódź 3, acme and zeta 2, rare 1.
    assert written(tmp_path, batches, [10, 3]) == [
        b"DE\nJP\nFR\n",
        "łódź\nzeta\nacme\n".encode(),
    ]


def test_no_vocabulary_is_empty_since_tensorflow_reads_no_such_file(tmp_path: Path) -> None:
    assert written(tmp_path, [(words("", ""),)], [10]) == [b"(no values in training)\n"]


def test_missing_values_take_no_place(tmp_path: Path) -> None:
    batches = [(words("", "", "", "x", "y", "y"),)]
    assert written(tmp_path, batches, [2]) == [b"y\nx\n"]
