"""Features that changed sides since the last run."""

from collections.abc import Sequence

from components.region_split.config import RegionSplitConfig
from data.amounts import counted
from data.artifacts.region_split import FeatureSplit, SideChange
from data.errors import InputError
from data.notices import DATA_LOGGER, tell


def with_changes(split: FeatureSplit, last: FeatureSplit, folder: str) -> FeatureSplit:
    """Adds the changes since the last run to a split.

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
            effect_before=_effect(last, name),
            effect_now=_effect(split, name),
        )
        for name in now
        if name in before and before[name] != now[name]
    )
    return split.model_copy(update={"compared_with": folder, "changes": changes})


def with_kept_sides(
    split: FeatureSplit, last: FeatureSplit, features: Sequence[str]
) -> FeatureSplit:
    """Puts features back on their sides of the last run, and shows what was measured.

    Args:
        split: this run's, compared with the last.
        last: the last run's.
        features: names of all features, in the dataset's order.

    Returns:
        The split; the changes that are left are of features that the dataset pins, or that have
        become features of the country or are such no more.
    """
    kept = tuple(
        one
        for one in split.changes
        if not _pinned(split, one) and {one.before, one.now} == {"dependent", "invariant"}
    )
    if not kept:
        return split
    lines = "\n".join(f"  {_shown(change, split, last)}" for change in kept)
    stay = counted(len(kept), "feature stays", "features stay")
    text = f"{stay} on the side of the last run, where these logs would not put it:\n{lines}"
    tell(DATA_LOGGER, [text])
    names = {change.feature for change in kept}
    sides = {"dependent": names ^ {*split.dependent}, "invariant": names ^ {*split.invariant}}
    return split.model_copy(
        update={
            **{side: tuple(one for one in features if one in of) for side, of in sides.items()},
            "changes": tuple(one for one in split.changes if one not in kept),
        }
    )


def tell_changes(split: FeatureSplit, last: FeatureSplit, config: RegionSplitConfig) -> None:
    """Shows the changes, or stops the run for them.

    Args:
        split: this run's, compared with the last.
        last: the last run's.
        config: whether a change stops the run.

    Raises:
        InputError: features changed sides that the dataset does not pin, and `on_change` is `stop`.
    """
    if not split.changes:
        return
    lines = "\n".join(f"  {_shown(change, split, last)}" for change in split.changes)
    text = f"{len(split.changes)} features changed sides since the last run:\n{lines}"
    if config.on_change == "stop" and not all(_pinned(split, one) for one in split.changes):
        raise InputError(
            f"RegionSplit: {text}\nPin them with `side` in the dataset's YAML, or accept the change"
            " with `region_split: {on_change: warn}`."
        )
    tell(DATA_LOGGER, [text])


def _pinned(split: FeatureSplit, change: SideChange) -> bool:
    found = split.distances.get(change.feature)
    return found is not None and found.pinned


def _distance(split: FeatureSplit, name: str) -> float | None:
    found = split.distances.get(name)
    return found.distance if found else None


def _effect(split: FeatureSplit, name: str) -> float | None:
    found = split.distances.get(name)
    return found.effect.distance if found and found.effect else None


def _shown(change: SideChange, split: FeatureSplit, last: FeatureSplit) -> str:
    sides = f"{change.feature}: {change.before} -> {change.now}"
    if _pinned(split, change):
        return f"{sides}, as the dataset says"
    if change.distance_before is None or change.distance_now is None:
        return sides
    distances = f"{change.distance_before:.3f} -> {change.distance_now:.3f}"
    measures = "".join(
        f", {kind} distance {last.measure[kind]} -> {measure}"
        for kind, measure in split.measure.items()
        if last.measure.get(kind, measure) != measure
    )
    before = "" if last.threshold == split.threshold else f"{last.threshold:g} -> "
    judge = "" if last.judge == split.judge else f", judged by {last.judge} -> {split.judge}"
    return (
        f"{sides}, distance between regions {distances}, threshold"
        f" {before}{split.threshold:g}{measures}{_shown_effects(change, split, last)}{judge}"
    )


def _shown_effects(change: SideChange, split: FeatureSplit, last: FeatureSplit) -> str:
    if change.effect_now is None:
        return ""
    effects = "".join(
        "" if one is None else f"{one:.3f}{mark}"
        for one, mark in ((change.effect_before, " -> "), (change.effect_now, ""))
    )
    same = last.effect_threshold == split.effect_threshold or change.effect_before is None
    before = "" if same else f"{last.effect_threshold:g} -> "
    return f", effects {effects}, threshold {before}{split.effect_threshold:g}"
