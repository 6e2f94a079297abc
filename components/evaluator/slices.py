"""The slices that lists are judged in."""

from collections.abc import Iterable, Mapping

from components.evaluator.config import Gate, SliceColumn, SliceGroup
from data import keys
from data.dataset import Dataset

# Values by column: {} is overall, {"region": "DE", "platform": "app"} one region on one platform.
Slice = dict[str, str]

SLICE_KEYS: dict[SliceColumn, str] = {
    "platform": keys.LIST_PLATFORM,
    "region": keys.LIST_REGION,
    "randomised": keys.LIST_RANDOMISED,
}
_COLUMNS = {key: column for column, key in SLICE_KEYS.items()}
_ORDER: tuple[SliceColumn, ...] = ("region", "platform", "randomised")

GROUPS: dict[SliceGroup, tuple[SliceColumn, ...]] = {
    "overall": (),
    "every_region": ("region",),
    "every_platform": ("platform",),
    "every_region_and_platform": ("region", "platform"),
}


def declared_columns(dataset: Dataset) -> list[SliceColumn]:
    """The slice columns that a dataset names."""
    return [column for column in SLICE_KEYS if getattr(dataset, column)]


def slicings(dataset: Dataset, gates: Iterable[Gate]) -> tuple[tuple[SliceColumn, ...], ...]:
    """The columns that lists are sliced by.

    Args:
        dataset: says which columns there are.
        gates: name slices of their own.

    Returns:
        Overall (no column), platform, region, randomised traffic, region and platform, as far as
        they are declared; then what else a gate names, such as region and randomised traffic.
    """
    declared = declared_columns(dataset)
    result: list[tuple[SliceColumn, ...]] = [(), *((column,) for column in declared)]
    if {"platform", "region"} <= set(declared):
        result.append(("region", "platform"))
    selectors = [selector for gate in gates for selector in gate.slices]
    result += [columns_of(selector) for selector in selectors]
    return tuple(dict.fromkeys(result))


def columns_of(selector: SliceGroup | Mapping[SliceColumn, str]) -> tuple[SliceColumn, ...]:
    """The columns of a gate's selector, in the order region, platform, randomised."""
    return (
        GROUPS[selector]
        if isinstance(selector, str)
        else tuple(column for column in _ORDER if column in selector)
    )


def from_tfma(slice_key: Iterable[tuple[str, str]]) -> Slice:
    """Reads a slice off TFMA's key, in the order region, platform, randomised."""
    return _as_slice({_COLUMNS[key]: value for key, value in slice_key})


def describe(values: Slice) -> str:
    """A slice in words: `overall`, or `region DE, platform app`."""
    return ", ".join(f"{column} {value}" for column, value in values.items()) or "overall"


def select(selector: SliceGroup | Mapping[SliceColumn, str], known: Iterable[Slice]) -> list[Slice]:
    """The slices that a gate's selector stands for.

    Args:
        selector: `overall`, `every_...`, or values by column.
        known: all slices that were measured.

    Returns:
        The slices; one that is named is in it even if no list was in it.
    """
    if not isinstance(selector, str):
        return [_as_slice(selector)]
    columns = GROUPS[selector]
    return [values for values in known if tuple(values) == columns] or ([] if columns else [{}])


def _as_slice(values: Mapping[SliceColumn, str]) -> Slice:
    return {column: values[column] for column in _ORDER if column in values}
