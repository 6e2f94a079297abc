import logging
from collections.abc import Callable

import pytest

from components.region_split.changes import tell_changes, with_changes, with_kept_sides
from components.region_split.config import RegionSplitConfig
from data.artifacts.region_split import FeatureDistance, FeatureSplit
from data.errors import InputError

LAST = FeatureSplit(
    country=("land",),
    dependent=("price", "brand"),
    invariant=("rating", "gone"),
    distances={"price": FeatureDistance(distance=0.4), "rating": FeatureDistance(distance=0.05)},
)
NOW = FeatureSplit(
    country=("land",),
    dependent=("brand", "rating", "new"),
    invariant=("price",),
    distances={"price": FeatureDistance(distance=0.02), "rating": FeatureDistance(distance=0.3)},
)


def test_features_of_both_splits_that_changed_sides_are_named() -> None:
    split = with_changes(NOW, LAST, "folder")
    assert split.compared_with == "folder"
    assert [(one.feature, one.before, one.now) for one in split.changes] == [
        ("rating", "invariant", "dependent"),
        ("price", "dependent", "invariant"),
    ]
    assert (split.changes[1].distance_before, split.changes[1].distance_now) == (0.4, 0.02)
    assert with_changes(LAST, LAST, "folder").changes == ()


def test_changes_are_told_on_the_screen(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "seqmd.data"):
        tell_changes(with_changes(NOW, LAST, "folder"), LAST, RegionSplitConfig())
    (record,) = caplog.records
    assert record.notice.splitlines()[0] == "2 features changed sides since the last run:"
    assert "price: dependent -> invariant, distance between regions 0.400 -> 0.020" in caplog.text


@pytest.mark.reliability("drift")
def test_changes_stop_the_run_where_that_is_asked_for(
    record_property: Callable[[str, object], None],
) -> None:
    config = RegionSplitConfig(on_change="stop")
    with pytest.raises(
        InputError, match=r"rating: invariant -> dependent.*0.050 -> 0.300"
    ) as error:
        tell_changes(with_changes(NOW, LAST, "folder"), LAST, config)
    tell_changes(with_changes(LAST, LAST, "folder"), LAST, config)
    record_property("what", "features that changed sides")
    record_property("tried", 1)
    record_property("outcome", f"the run stops: {error.value}")


def test_a_new_threshold_or_measure_is_said(caplog: pytest.LogCaptureFixture) -> None:
    measure = {"numeric": "kolmogorov_smirnov", "categorical": "jensen_shannon"}
    last = LAST.model_copy(update={"measure": measure})
    update = {"threshold": 0.05, "measure": measure | {"numeric": "wasserstein"}}
    split = with_changes(NOW.model_copy(update=update), last, "folder")
    with caplog.at_level(logging.INFO, "seqmd.data"):
        tell_changes(split, last, RegionSplitConfig())
    assert "threshold 0.1 -> 0.05, numeric distance kolmogorov_smirnov -> wasserstein\n" in (
        caplog.text
    )
    assert "categorical distance" not in caplog.text


def test_what_the_dataset_pins_stops_no_run(caplog: pytest.LogCaptureFixture) -> None:
    pinned = {name: FeatureDistance(pinned=True) for name in ("price", "rating")}
    split = with_changes(NOW.model_copy(update={"distances": pinned}), LAST, "folder")
    with caplog.at_level(logging.INFO, "seqmd.data"):
        tell_changes(split, LAST, RegionSplitConfig(on_change="stop"))
    assert "price: dependent -> invariant, as the dataset says" in caplog.text


def test_sides_are_kept_where_that_is_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    features = ("land", "rating", "price", "new", "brand")
    with caplog.at_level(logging.INFO, "seqmd.data"):
        split = with_kept_sides(with_changes(NOW, LAST, "folder"), LAST, features)
    assert (split.dependent, split.invariant) == (("price", "new", "brand"), ("rating",))
    assert split.changes == ()
    (record,) = caplog.records
    assert record.notice.splitlines() == [
        "2 features stay on the side of the last run, where these logs would not put it:",
        "  rating: invariant -> dependent, distance between regions 0.050 -> 0.300, threshold 0.1",
        "  price: dependent -> invariant, distance between regions 0.400 -> 0.020, threshold 0.1",
    ]
    assert with_kept_sides(split, LAST, features) == split


def test_what_the_dataset_says_of_a_side_is_not_undone() -> None:
    pinned = NOW.model_copy(update={"distances": {"rating": FeatureDistance(pinned=True)}})
    last = LAST.model_copy(update={"country": ("land", "brand"), "dependent": ("price",)})
    split = with_kept_sides(
        with_changes(pinned, last, "folder"), last, ("land", "price", "brand", "rating", "new")
    )
    assert split.sides() == {
        "land": "country",
        "price": "dependent",
        "brand": "dependent",
        "rating": "dependent",
        "new": "dependent",
    }
    assert [one.feature for one in split.changes] == ["brand", "rating"]
