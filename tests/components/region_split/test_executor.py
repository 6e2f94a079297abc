import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.types import artifact_utils
from tfx.types.channel import Channel
from tfx.types.standard_artifacts import Examples

from components.region_split.component import RegionSplit, RegionSplitArtifact
from components.region_split.executor import Executor
from data.artifacts.region_split import FILE_NAME, FeatureSplit
from data.definition import keys
from data.definition.dataset import Dataset
from data.errors import InputError

FEATURES = [
    {"name": "country", "scope": "context", "kind": "categorical"},
    {"name": "hour", "scope": "context", "kind": "numeric"},
    {"name": "price", "scope": "item", "kind": "numeric"},
    {"name": "rating", "scope": "item", "kind": "bucketed"},
    {"name": "brand", "scope": "item", "kind": "categorical"},
    {"name": "style", "scope": "item", "kind": "vector", "length": 2},
    {"name": "absent", "scope": "item", "kind": "numeric"},
]
SIZES = {b"US": 260, b"DE": 150, b"FI": 20}


@pytest.fixture(scope="module")
def dataset(make_dataset: Callable[..., Dataset]) -> Dataset:
    return make_dataset(FEATURES, country_features=["country"])


def _columns(seed: int, shifted: str) -> dict[str, list]:
    """Lists of 1 to 9 items; one feature is shifted in DE."""
    generator = np.random.default_rng(seed)
    regions = [region for region, size in SIZES.items() for _ in range(size)]
    lengths = generator.integers(1, 10, len(regions))
    items = [
        np.full(length, region == b"DE") for region, length in zip(regions, lengths, strict=True)
    ]
    numbers = {
        name: [generator.normal(1.5 * there * (name == shifted), 1) for there in items]
        for name in ("price", "rating")
    }
    return {
        keys.LIST_ID: [[b"%d-%d" % (seed, place)] for place in range(len(regions))],
        keys.LIST_REGION: [[region] for region in regions],
        "country": [[region] for region in regions],
        "hour": generator.integers(0, 24, (len(regions), 1)).astype(float).tolist(),
        **{name: [row.tolist() for row in rows] for name, rows in numbers.items()},
        "brand": [[b"b%d" % code for code in generator.integers(0, 5, n)] for n in lengths],
        "style": [generator.normal(0, 1, 2 * n).tolist() for n in lengths],
        keys.label("click"): [np.eye(n)[generator.integers(n)].tolist() for n in lengths],
    }


@pytest.fixture(scope="module")
def write_splits(write_examples: Callable) -> Callable[..., str]:
    """Training lists shift by price, all others by rating."""

    def write(folder: Path, order: Sequence[int], files: int = 1) -> str:
        for split, seed in zip(keys.SPLITS, (1, 2, 3), strict=True):
            columns = _columns(seed, "price" if split == keys.TRAIN else "rating")
            for number in range(files):
                path = folder / f"Split-{split}" / f"data_tfrecord-{number:05d}-of-{files:05d}"
                write_examples(path, columns, order[number::files])
        return str(folder)

    return write


def _run(folder: Path, examples_uri: str, dataset: Dataset, config: str = "{}") -> FeatureSplit:
    examples, output = Examples(), RegionSplitArtifact()
    examples.uri, output.uri = examples_uri, str(folder / "split")
    examples.split_names = artifact_utils.encode_split_names(list(keys.SPLITS))
    Path(output.uri).mkdir(parents=True)
    context = BaseBeamExecutor.Context(tmp_dir=str(folder / "tmp"), unique_id="1")
    properties = {"dataset": dataset.model_dump_json(), "config": config}
    Executor(context).Do({"examples": [examples]}, {"region_split": [output]}, properties)
    assert sorted(path.name for path in Path(output.uri).iterdir()) == [FILE_NAME]
    assert not [path for path in (folder / "tmp").rglob("*") if path.is_file()]
    return FeatureSplit.load(folder / "split" / FILE_NAME)


def test_only_training_lists_of_large_regions_are_compared(
    dataset: Dataset, write_splits: Callable[..., str], tmp_path: Path
) -> None:
    everything = range(sum(SIZES.values()))
    split = _run(tmp_path, write_splits(tmp_path / "examples", everything), dataset)
    assert split.country == ("country",)
    assert split.dependent == ("price",)
    assert split.invariant == ("hour", "rating", "brand", "style", "absent")
    assert split.regions == {"US": 260, "DE": 150}
    assert split.regions_left_out == {"FI": "20 training lists, fewer than 100"}
    assert split.measure == {"numeric": "kolmogorov_smirnov", "categorical": "jensen_shannon"}
    assert next(iter(split.distances)) == "price"
    measured = {name for name, found in split.distances.items() if found.effect is not None}
    assert measured == {"price", "rating", "brand", "style"}
    text = json.loads((tmp_path / "split" / FILE_NAME).read_text())
    assert text["version"] == 1
    assert set(text["distances"]["price"]) >= {"distance", "raw", "expected_by_chance", "pinned"}


def test_order_and_files_of_lists_do_not_matter(
    dataset: Dataset, write_splits: Callable[..., str], tmp_path: Path
) -> None:
    # Of both regions fewer lists are drawn than there are, always the same ones.
    config = '{"most_lists": 120, "numeric": "jensen_shannon"}'
    order = np.random.default_rng(1).permutation(sum(SIZES.values())).tolist()
    folders = tmp_path / "one", tmp_path / "other"
    uris = [
        write_splits(folders[0] / "examples", sorted(order)),
        write_splits(folders[1] / "examples", order, files=3),
    ]
    first, second = (
        _run(folder, uri, dataset, config) for folder, uri in zip(folders, uris, strict=True)
    )
    assert first == second
    assert first.dependent == ("price",)


def test_missing_training_examples_are_an_input_error(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found no file"):
        _run(tmp_path, str(tmp_path / "nowhere"), dataset)


def test_the_component_declares_what_it_takes_and_gives(dataset: Dataset) -> None:
    component = RegionSplit(examples=Channel(type=Examples), dataset=dataset.model_dump_json())
    assert component.outputs["region_split"].type is RegionSplitArtifact
    assert RegionSplitArtifact.TYPE_NAME == "RegionSplit"
    assert component.id == "RegionSplit"
