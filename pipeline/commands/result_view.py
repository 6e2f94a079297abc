"""The screen at the end of a run: metrics by slice, the verdict, and where everything is."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.markup import escape

from components.evaluator.config import headline_metric
from components.evaluator.plan import describe
from components.evaluator.results import (
    MEASURABLE,
    Results,
    SliceResults,
    Target,
    Verdict,
)
from data.amounts import counted, listed
from data.artifacts.region_split import FeatureSplit
from data.artifacts.vocabulary_files import UnknownValues, told_unknown
from data.rows import Rounded
from data.terminal_text import on_one_line
from pipeline.commands.slice_table import MOST_LETTERS, RANKING, found_metric, slice_table, text_of
from pipeline.summary import RunCounts, Summary


def show_summary(summary: Summary, console: Console) -> None:
    """Prints a summary.

    Args:
        summary: the content of summary.json.
        console: where to print.
    """
    _show_counts(summary.counts, console)
    _show_unknown_values(summary.unknown_values, console)
    _show_split(summary.region_split, console)
    if not summary.config.model.descending:
        console.print("descending probability: off, each task's probability stands for itself")
    smallest = summary.config.evaluation.smallest_slice
    judged, small = _by_size(summary.metrics.slices, smallest)
    console.print(slice_table(summary, judged))
    _show_too_small(small, smallest, console)
    _show_orders(summary.metrics, headline_metric(summary.config.evaluation.ndcg_at), console)
    _show_blessing(summary.blessing, console)
    _show_paths(summary, console)


def _show_counts(counts: RunCounts, console: Console) -> None:
    rows = (
        f"rows in {counts.rows_in:,}, rows out {counts.rows_out:,}, "
        f"rows set aside {counts.rows_set_aside:,}"
    )
    lists = ", ".join(f"{split} {number:,}" for split, number in counts.lists.items())
    console.print(f"\n{rows}; lists: {lists}")
    for line in _told_of_rows(counts):
        console.print(f"  {text_of(line)}", soft_wrap=True)


def _told_of_rows(counts: RunCounts) -> Iterator[str]:
    """What a person should know of the rows, a line each."""
    for task, splits in counts.lists_open.items():
        if number := sum(splits.values()):
            yield f"{task}: too early to say in {counted(number, 'list')}, whose window is open"
    yield from counts.told_without_positives()
    for reason, number in counts.reasons.items():
        yield f"set aside: {number:,} x {reason}"
    lists = counted(counts.lists_with_repeated_rows, "list")
    if counts.rows_merged:
        yield (
            f"repeat an item of their list: {counted(counts.rows_merged, 'row')} in {lists}; "
            "one entry an item, its strongest action kept"
        )
    if counts.rows_equal:
        yield (
            f"equal to an earlier row of their list, and kept: {counted(counts.rows_equal, 'row')}"
            f" in {lists}; `item:` would say which items they are"
        )
    for column, number in counts.conflicts.items():
        yield (
            f"rows disagree on column {column!r} in {counted(number, 'list')}: the first row counts"
        )
    if counts.lists_of_new_regions:
        regions = counts.lists_of_new_regions.items()
        shown = ", ".join(f"{region} ({number})" for region, number in regions)
        yield f"regions without training lists (lists evaluated): {shown}"
    for name, found in counts.numbers_rounded.items():
        values, left = int(found["values"]), int(found["left"])
        yield Rounded(values, left, found["least"]).told(name)
    yield from counts.told_of_separator()
    if counts.lists_cut:
        yield (
            f"cut: {counted(counts.lists_cut, 'training list')}"
            f" by {counted(counts.items_cut, 'item')}, positives among them: {counts.positives_cut}"
        )


def _show_unknown_values(unknown: Mapping[str, UnknownValues], console: Console) -> None:
    for line in told_unknown(unknown, "evaluation lists"):
        console.print(f"  {text_of(line)}", soft_wrap=True)


def _show_split(split: FeatureSplit, console: Console) -> None:
    sides = {
        "country": split.country,
        "dependent": split.dependent,
        "invariant": split.invariant,
    }
    for side, features in sides.items():
        names = ", ".join(features) or "none"
        console.print(f"{side} features ({len(features)}): {text_of(names)}")
    if split.distances and not split.dependent:
        console.print(text_of(_nearest_to_dependent(split)), soft_wrap=True)


def _nearest_to_dependent(split: FeatureSplit) -> str:
    """Says how far the features are from being dependent, where none is."""
    name, found = max(split.distances.items(), key=lambda one: one[1].distance)
    effects = {name: one.effect for name, one in split.distances.items() if one.effect}
    nearest = f"{name}, {found.distance:.3f} after {found.expected_by_chance:.3f} for chance"
    if split.judge != "distribution" and effects:
        name, effect = max(effects.items(), key=lambda one: one[1].distance)
        nearest += (
            f"; by its effect on relevance {name}, {effect.distance:.3f} of"
            f" {split.effect_threshold:g}"
        )
    return (
        f"  no feature differs by more than {split.threshold:g} from region to region, so no "
        f"mask is learnt; nearest: {nearest}; `side: dependent` pins a feature"
    )


def _by_size(
    slices: Sequence[SliceResults], smallest: int
) -> tuple[list[SliceResults], list[SliceResults]]:
    """The slices that say something of a target, and those too small; all lists are never small."""
    found: tuple[list[SliceResults], list[SliceResults]] = ([], [])
    for part in slices:
        counted_lists = [target.lists_counted for target in part.targets.values()]
        found[bool(part.slice) and max(counted_lists, default=0) < smallest].append(part)
    return found


def _show_too_small(small: Sequence[SliceResults], smallest: int, console: Console) -> None:
    if not small:
        return
    names = [on_one_line(describe(part.slice)) for part in small]
    short = [name if len(name) <= MOST_LETTERS else f"{name[:MOST_LETTERS]}..." for name in names]
    told = (
        f"{counted(len(small), 'slice')} too small to judge, with fewer than {smallest} lists that "
        f"count: {listed(short)}; the report has all"
    )
    console.print(escape(told), soft_wrap=True)


def _show_orders(metrics: Results, metric: str, console: Console) -> None:
    """Beside the model: the logged and a random order, and the best possible where it is known."""
    console.print(f"{metric} overall (the logged order is favoured by its own clicks):")
    overall = metrics.slices[0].targets if metrics.slices else {}
    for name, target in overall.items():
        parts = []
        for ranking in (RANKING, "logged", "random"):
            found = found_metric(target, ranking, metric)
            if found and found.value is not None:
                parts.append(f"{ranking} {found.value:.3f}")
        share = _share_of_best(target, metric)
        parts += [f"{share:.0%} of the way from random to best"] if share else []
        console.print(f"  {name:<12} {', '.join(parts) or 'not measurable'}", soft_wrap=True)
        if equals := target.lists_of_equals:
            console.print(
                f"  {'':<12} left out: {equals:,} lists in which no order can be wrong"
                " (one item, or all equally relevant)",
                soft_wrap=True,
            )
        if target.lists_open:
            console.print(
                f"  {'':<12} left out: {counted(target.lists_open, 'list')} of"
                f" {metrics.slices[0].lists:,} whose window is open, too early to say",
                soft_wrap=True,
            )


def _share_of_best(target: Target, metric: str) -> float | None:
    expected = found_metric(target, RANKING, f"expected_{metric}")
    share = expected.share_of_best if expected else None
    return share.value if share else None


def _show_blessing(verdict: Verdict, console: Console) -> None:
    if verdict.blessed:
        console.print(f"\n[green]{text_of(verdict.reason)}[/]")
        return
    failed = [gate for gate in verdict.gates if gate.passed is False]
    # The reason names the gates as well, as far as a line has room for them.
    reason = verdict.reason
    gates = [gate for gate in failed if gate.gate != MEASURABLE]
    if gates and gates == failed:
        reason = f"not blessed, {counted(len(failed), 'gate')} failed:"
    console.print(f"\n[red]{text_of(reason)}[/]")
    for gate in gates:
        place = ", ".join(f"{key} {value}" for key, value in gate.slice.items())
        where = f" ({place})" if place else ""
        console.print(f"  [red]✗[/] {text_of(gate.gate + where)}: {text_of(gate.why)}")


def _show_paths(summary: Summary, console: Console) -> None:
    paths = summary.paths
    why_not = "withdrawn" if summary.blessing.blessed else "not blessed"
    shown = {"pushed model": paths.pushed_model or f"none: {why_not}"}
    if summary.counts.rows_set_aside:
        shown["rows set aside"] = paths.rows_set_aside
    shown |= {
        "region split": paths.region_split,
        "summary": paths.summary,
        "report": paths.report,
        "tensorboard": paths.tensorboard,
        "log": paths.log,
    }
    console.print()
    for name, place in shown.items():
        console.print(f"{name:<14} {text_of(place)}", soft_wrap=True)
