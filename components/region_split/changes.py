"""Which features changed sides since the last split."""

import logging

from components.region_split.config import RegionSplitConfig
from data.errors import InputError
from data.region_split import FeatureSplit, SideChange

_LOGGER = logging.getLogger("seqmd.data")


def with_changes(split: FeatureSplit, last: FeatureSplit, folder: str) -> FeatureSplit:
    """Adds to a split what is different from the last one.

    Args:
        split: this run's.
        last: the last run's.
        folder: where the last one lies.

    Returns:
        The split; features that only one of the two has are not compared.
    """
    before, now = last.sides(), split.sides()
    changes = tuple(
        SideChange(
            feature=name,
            before=before[name],
            now=now[name],
            distance_before=_distance(last, name),
            distance_now=_distance(split, name),
        )
        for name in now
        if name in before and before[name] != now[name]
    )
    return split.model_copy(update={"compared_with": folder, "changes": changes})


def tell_changes(split: FeatureSplit, config: RegionSplitConfig) -> None:
    """Shows what has changed.

    Args:
        split: this run's, compared with the last.
        config: whether a change stops the run.

    Raises:
        InputError: features changed sides, and `on_change` is `stop`.
    """
    if not split.changes:
        return
    lines = "\n".join(f"  {_shown(change, split.threshold)}" for change in split.changes)
    if config.on_change == "stop":
        raise InputError(
            f"RegionSplit: {len(split.changes)} features changed sides since the last run:\n{lines}"
            "\nPin them with `side` in the dataset's YAML, or accept the change with"
            " `region_split: {on_change: warn}`."
        )
    text = f"{len(split.changes)} features changed sides since the last run:\n{lines}"
    _LOGGER.info("%s", text, extra={"notice": text})


def _distance(split: FeatureSplit, name: str) -> float | None:
    found = split.distances.get(name)
    return found.distance if found else None


def _shown(change: SideChange, threshold: float) -> str:
    if change.distance_before is None or change.distance_now is None:
        return f"{change.feature}: {change.before} -> {change.now}"
    return (
        f"{change.feature}: {change.before} -> {change.now}, distance between regions"
        f" {change.distance_before:.3f} -> {change.distance_now:.3f}, threshold {threshold:g}"
    )
