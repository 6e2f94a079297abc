from pathlib import Path

import pytest

from data.artifacts.region_split import FILE_NAME, FeatureDistance, FeatureSplit
from data.errors import InputError


def _split() -> FeatureSplit:
    return FeatureSplit(
        threshold=0.1,
        measure={"numeric": "kolmogorov_smirnov", "categorical": "jensen_shannon"},
        country=("country",),
        dependent=("price", "brand"),
        invariant=("rating",),
        distances={
            "brand": FeatureDistance(distance=0.4, raw=0.5, expected_by_chance=0.1),
            "price": FeatureDistance(distance=0.3, raw=0.35, expected_by_chance=0.05),
            "rating": FeatureDistance(pinned=True),
        },
        regions={"US": 900, "größer": 200},
        regions_left_out={"FI": "7 training lists, fewer than 100"},
    )


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    _split().save(path)
    loaded = FeatureSplit.load(path)
    assert loaded == _split()
    assert list(loaded.distances) == ["brand", "price", "rating"]
    assert [entry.name for entry in tmp_path.iterdir()] == [FILE_NAME]


def test_saving_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    _split().save(path)
    FeatureSplit(invariant=("price",)).save(path)
    assert FeatureSplit.load(path) == FeatureSplit(invariant=("price",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"version": 2}', "version"),
        ('{"dependant": ["price"]}', "dependant: no such field"),
        ('{"dependent": ["price"], "invariant": ["price"]}', "'price'.*on two sides"),
        ("{", "expected JSON"),
    ],
)
def test_a_wrong_file_is_an_input_error(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(text)
    with pytest.raises(InputError, match=message) as error:
        FeatureSplit.load(path)
    assert str(path) in str(error.value)


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="found none"):
        FeatureSplit.load(tmp_path / FILE_NAME)
