import numpy as np
import pytest

from benchmarks.laboratory.logs import Logs, Preset, simulated_logs
from benchmarks.laboratory.measures import item_column
from benchmarks.laboratory.views import USUAL, View, adapted_by, of_region, typical_regions
from data.definition import keys
from data.errors import InputError


@pytest.fixture(scope="module")
def logs() -> Logs:
    return simulated_logs(Preset(lists=400, evaluation_lists=300, seeds=1, epochs=1))


def _regions(logs: Logs, part: str) -> set[bytes]:
    lists = logs.lists.take(getattr(logs.parts, part))
    return set(lists.context[keys.LIST_REGION].to_pylist())


def test_a_region_alone_learns_from_its_own_lists(logs: Logs) -> None:
    own = of_region(logs, "GB")
    assert _regions(own, "training") == _regions(own, "validation") == {b"GB"}
    assert _regions(own, "evaluation") == _regions(logs, "evaluation")
    of_all = logs.lists.take(logs.parts.training).context[keys.LIST_REGION].to_pylist()
    assert len(own.parts.training) == of_all.count(b"GB")
    assert of_region(logs, "") is logs


def test_platforms_stand_for_regions(logs: Logs) -> None:
    by_platform = adapted_by(logs, "platform")
    assert _regions(by_platform, "training") == {b"app", b"web"}
    assert by_platform.dataset.country_features == ("platform",)
    assert adapted_by(logs, "region") is logs


def test_pairs_stand_for_regions(logs: Logs) -> None:
    both = adapted_by(logs, "region and platform")
    assert both.dataset.country_features == ("country", "language", "platform")
    context, other = both.lists.context, logs.lists.context
    for place in (0, 100, 399):
        region, platform = (
            other[key][place].as_py() for key in (keys.LIST_REGION, "list_platform")
        )
        assert context[keys.LIST_REGION][place].as_py() == region + b" " + platform
    for name in other.schema.names:
        assert name == keys.LIST_REGION or context[name].equals(other[name])


def test_platforms_must_be_a_feature(logs: Logs) -> None:
    features = tuple(f for f in logs.dataset.features if f.name != "platform")
    without = Logs(logs.dataset.model_copy(update={"features": features}), logs.lists, logs.parts)
    with pytest.raises(InputError, match="expected a feature that is the platform"):
        adapted_by(without, "platform")


def test_a_share_of_the_training_lists_is_part_of_a_larger_share(logs: Logs) -> None:
    half, quarter = (View(learns_share=share).of(logs).parts for share in (0.5, 0.25))
    assert len(half.training) == round(len(logs.parts.training) / 2)
    assert set(quarter.training) < set(half.training) < set(logs.parts.training)
    np.testing.assert_array_equal(half.validation, logs.parts.validation)
    np.testing.assert_array_equal(half.evaluation, logs.parts.evaluation)


def test_the_truth_stands_for_labels_but_of_evaluation_lists(logs: Logs) -> None:
    seen = View(learns_truth=True).of(logs)
    for task in logs.dataset.tasks:
        label, truth = keys.label(task.name), keys.truth(task.name)
        for part in ("training", "validation", "evaluation"):
            lists, other = (one.lists.take(getattr(logs.parts, part)) for one in (seen, logs))
            expected = label if part == "evaluation" else truth
            np.testing.assert_array_equal(item_column(lists, label), item_column(other, expected))


def test_trainings_are_kept_under_what_differs_from_the_usual_view(logs: Logs) -> None:
    usual = {"learns_region": "", "adapted_by": "region"}
    assert USUAL.described() == usual
    assert View(learns_share=0.5).described() == {**usual, "learns_share": 0.5}
    assert USUAL.of(logs) is logs


def test_features_are_left_out_by_name(logs: Logs) -> None:
    seen = View(leaves_out=("price", "hour")).of(logs).dataset.features
    gone = {one.name for one in logs.dataset.features} - {one.name for one in seen}
    assert gone == {"price", "hour"}
    with pytest.raises(InputError, match=r"expected features \['cost'\], found none"):
        View(leaves_out=("price", "cost")).of(logs)


def test_typical_regions_are_the_largest_a_middle_and_the_smallest(logs: Logs) -> None:
    lists = logs.lists.take(logs.parts.evaluation)
    names, counts = np.unique(lists.context[keys.LIST_REGION].to_pylist(), return_counts=True)
    largest, middle, smallest = typical_regions(logs, 1)
    of = dict(zip([name.decode() for name in names.tolist()], counts.tolist(), strict=True))
    assert of[largest] == max(of.values())
    assert of[smallest] == min(of.values())
    assert of[smallest] <= of[middle] <= of[largest]
    assert len(typical_regions(logs, of[largest])) == 1
    with pytest.raises(InputError, match=f"found {of[largest]} at most"):
        typical_regions(logs, of[largest] + 1)
