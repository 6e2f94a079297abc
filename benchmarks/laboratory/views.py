"""The lists as a setup sees them: some of them alone, with the truth for labels, or regrouped."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.laboratory.logs import Logs
from benchmarks.laboratory.measures import item_column, knows_truth
from benchmarks.laboratory.silent_sellers import Said
from benchmarks.laboratory.tastes import TASTES
from data.definition import keys
from data.definition.dataset import Dataset
from data.errors import InputError
from data.lists.batches import replace_column

# What stands for the region in the feature split, and what the mask of the adaptor goes by.
AdaptedBy = Literal["region", "platform", "region and platform"]

# Name of the slice of all lists.
EVERYWHERE = "all"
# A slice with fewer lists says nothing.
FEWEST_LISTS = 100


@dataclass(frozen=True)
class View:
    """How a setup sees the lists; all as they are by default.

    Attributes:
        learns_region: the only region whose lists it learns from; all by default.
        adapted_by: what stands for the region in the feature split and in the mask.
        learns_share: share of the training lists that it learns from.
        learns_truth: whether the true probabilities stand for labels while it learns.
        knows_all: whether it learns from all that was done, later than the logs were written.
        condition: what it is told of the items' condition; what the logs say by default.
        knows_past: whether it knows the histories of the lists.
        knows_tastes: whether it knows what the lists' users want, which is in their histories.
        leaves_out: features that it does without.
        knows_kinds: whether it knows which kinds of items have which features; otherwise what a
            kind lacks is missing, and imputed.
    """

    learns_region: str = ""
    adapted_by: AdaptedBy = "region"
    learns_share: float = 1.0
    learns_truth: bool = False
    knows_all: bool = False
    condition: Said = "stated"
    knows_past: bool = True
    knows_tastes: bool = False
    leaves_out: tuple[str, ...] = ()
    knows_kinds: bool = True

    def described(self) -> dict[str, Any]:
        """The first two fields, and of the others those that are not as they are by default."""
        usual = asdict(USUAL)
        always = ("learns_region", "adapted_by")
        return {n: v for n, v in asdict(self).items() if n in always or v != usual[n]}

    def of(self, logs: Logs) -> Logs:
        """The logs as they are seen."""
        seen = with_all_labels(logs) if self.knows_all else logs
        seen = with_condition(seen, self.condition)
        seen = seen if self.knows_past else without_past(seen)
        seen = seen if self.knows_tastes else without_tastes(seen)
        seen = without_features(seen, self.leaves_out)
        seen = seen if self.knows_kinds else without_kinds(seen)
        seen = of_share(of_region(seen, self.learns_region), self.learns_share)
        return adapted_by(with_truth(seen) if self.learns_truth else seen, self.adapted_by)


# All lists, as they are.
USUAL = View()


def with_condition(logs: Logs, said: Said) -> Logs:
    """The logs with other knowledge of the items' condition, also in lists that are judged.

    Args:
        logs: the logs.
        said: what is said of it.

    Returns:
        The logs.

    Raises:
        InputError: nobody knows more.
    """
    if said == "stated":
        return logs
    if logs.conditions is None:
        raise InputError("expected simulated logs with silent sellers, whose listings say more")
    return replace(logs, lists=logs.conditions.told(logs.lists, said))


def without_past(logs: Logs) -> Logs:
    """The logs without the features of histories."""
    kept = tuple(one for one in logs.dataset.features if one.scope != "history")
    changes = {"features": kept, "history": None}
    return replace(logs, dataset=logs.dataset.model_copy(update=changes))


def without_tastes(logs: Logs) -> Logs:
    """The logs without the features that say what users want, where there are some."""
    names = {one.name for one in logs.dataset.features}
    return without_features(logs, tuple(name for name in TASTES if name in names))


def without_features(logs: Logs, names: tuple[str, ...]) -> Logs:
    """The logs without some features, which their dataset has; histories that go by one are whole.

    Raises:
        InputError: it lacks one of them.
    """
    if not names:
        return logs
    features = logs.dataset.features
    missing = set(names) - {one.name for one in features}
    if missing:
        raise InputError(f"{logs.dataset.name}: expected features {sorted(missing)}, found none")
    changes: dict[str, Any] = {"features": tuple(one for one in features if one.name not in names)}
    history = logs.dataset.history
    if history is not None and history.split_by is not None and history.split_by.feature in names:
        changes["history"] = history.model_copy(update={"split_by": None})
    return replace(logs, dataset=logs.dataset.model_copy(update=changes))


def without_kinds(logs: Logs) -> Logs:
    """The logs without word of which kinds of items have which features."""
    features = tuple(one.model_copy(update={"kinds": None}) for one in logs.dataset.features)
    changes = {"features": features, "kind_of_item": None}
    return replace(logs, dataset=logs.dataset.model_copy(update=changes))


def of_share(logs: Logs, share: float) -> Logs:
    """The logs with some training lists alone; a smaller share is part of a larger one.

    Args:
        logs: the logs.
        share: of the training lists, above 0; 1 keeps all.

    Returns:
        The logs; validation and evaluation lists stay.
    """
    if share == 1:
        return logs
    order = np.random.default_rng(1).permutation(logs.parts.training)
    kept = np.sort(order[: round(share * len(order))])
    return replace(logs, parts=logs.parts._replace(training=kept))


def with_truth(logs: Logs) -> Logs:
    """The logs with the true probabilities of actions for labels, but for evaluation lists.

    Args:
        logs: the logs.

    Returns:
        The logs.

    Raises:
        InputError: nobody knows the truth.
    """
    if not knows_truth(logs.dataset):
        raise InputError(f"{logs.dataset.name}: expected true probabilities of all tasks")
    lists = logs.lists
    judged = np.isin(np.arange(len(lists)), logs.parts.evaluation)[lists.list_of_item]
    items = lists.items
    for task in logs.dataset.tasks:
        labels, truth = (item_column(lists, key(task.name)) for key in (keys.label, keys.truth))
        values = np.where(judged, labels, truth).astype(np.float32)
        items = replace_column(items, keys.label(task.name), pa.array(values))
    return replace(logs, lists=replace(lists, items=items))


def of_region(logs: Logs, region: str) -> Logs:
    """The logs with one region's lists alone to learn from; all are still evaluated.

    Args:
        logs: the logs.
        region: the region; empty keeps all.

    Returns:
        The logs.
    """
    if not region:
        return logs
    column = logs.lists.context[keys.LIST_REGION]
    inside = pc.equal(column, region.encode()).to_numpy(zero_copy_only=False)
    parts = logs.parts
    kept = {"training": parts.training, "validation": parts.validation}
    kept = {name: places[inside[places]] for name, places in kept.items()}
    return replace(logs, parts=parts._replace(**kept))


def with_all_labels(logs: Logs) -> Logs:
    """The logs as they are once all that was done is known; only a simulation has them.

    Args:
        logs: the logs.

    Returns:
        The logs.

    Raises:
        InputError: they have no labels that are still to come.
    """
    if logs.complete is None:
        raise InputError("expected simulated logs with late feedback, of which all can be known")
    return replace(logs, lists=logs.complete)


def adapted_by(logs: Logs, by: AdaptedBy) -> Logs:
    """The logs with platforms, or pairs of region and platform, in place of regions.

    Features that described the region and no longer do are ordinary ones.

    Args:
        logs: the logs.
        by: what stands for the region.

    Returns:
        The logs.

    Raises:
        InputError: the dataset has no platform, or it is not a feature.
    """
    if by == "region":
        return logs
    dataset, context = logs.dataset, logs.lists.context
    platform = _platform_feature(dataset)
    country = (*dataset.country_features, platform) if by != "platform" else (platform,)
    group = context[keys.LIST_PLATFORM]
    if by != "platform":
        group = pc.binary_join_element_wise(context[keys.LIST_REGION], group, b" ")
    place = context.schema.get_field_index(keys.LIST_REGION)
    columns = [*context.columns[:place], group, *context.columns[place + 1 :]]
    changed = pa.RecordBatch.from_arrays(columns, names=context.schema.names)
    return replace(
        logs,
        dataset=dataset.model_copy(update={"country_features": country}),
        lists=replace(logs.lists, context=changed),
    )


def typical_regions(logs: Logs, fewest_lists: int) -> list[str]:
    """The largest, a middle and the smallest region.

    Args:
        logs: the logs.
        fewest_lists: evaluation lists below which a region is passed over.

    Returns:
        Names of up to three regions.

    Raises:
        InputError: no region has as many evaluation lists.
    """
    column = logs.lists.context[keys.LIST_REGION]
    evaluated = column.take(pa.array(logs.parts.evaluation))
    counts = {row["values"].as_py(): row["counts"].as_py() for row in pc.value_counts(evaluated)}
    names = sorted(
        (name for name, count in counts.items() if count >= fewest_lists),
        key=lambda name: (-counts[name], name),
    )
    if not names:
        raise InputError(
            f"{logs.dataset.name}: expected a region of {fewest_lists} evaluation lists or more, "
            f"found {max(counts.values(), default=0)} at most"
        )
    places = sorted({0, len(names) // 2, len(names) - 1})
    return [names[place].decode() for place in places]


def slices_of(logs: Logs) -> dict[str, np.ndarray]:
    """Which evaluation lists lie in each slice: all, and each platform, or region without one.

    Args:
        logs: the lists.

    Returns:
        bool [B] by name of the slice; those with fewer than 100 lists are left out.
    """
    context = logs.lists.take(logs.parts.evaluation).context
    column = context[keys.LIST_PLATFORM if logs.dataset.platform else keys.LIST_REGION]
    slices = {EVERYWHERE: np.ones(len(column), bool)}
    for name in sorted(pc.unique(column).to_pylist()):
        inside = pc.equal(column, name).to_numpy(zero_copy_only=False)
        if inside.sum() >= FEWEST_LISTS:
            slices[name.decode()] = inside
    return slices


def _platform_feature(dataset: Dataset) -> str:
    for feature in dataset.context_features:
        if dataset.platform and feature.column == dataset.platform:
            return feature.name
    raise InputError(f"{dataset.name}: expected a feature that is the platform, found none")
