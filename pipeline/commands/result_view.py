"""The screen at the end of a run: metrics by slice, the verdict, and where everything is."""

from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from components.evaluator.config import headline_metric
from components.evaluator.results import MEASURABLE
from data.artifacts.vocabulary_files import UnknownValues, told_unknown
from data.lists.training_lists import told_without_positives
from data.rows import Rounded
from data.terminal_text import on_one_line

MOST_ROWS = 40
# Letters of a name in a table; summary.json has all.
MOST_LETTERS = 40
RANKING = "score"
# Stands in a table for all values of a column; no word, since a region may be called `all`.
EVERY = "*"
COUNTED = ("rows_in", "rows_out", "rows_set_aside")


def show_summary(summary: dict[str, Any], console: Console) -> None:
    """Prints a summary.

    Args:
        summary: the content of summary.json.
        console: where to print.
    """
    _show_counts(summary["counts"], console)
    _show_unknown_values(summary["unknown_values"], console)
    _show_split(summary["region_split"], console)
    if not summary["config"]["model"]["descending"]:
        console.print("descending probability: off, each task's probability stands for itself")
    console.print(_table(summary))
    _show_orders(summary["metrics"], _metric(summary), console)
    _show_blessing(summary["blessing"], console)
    _show_paths(summary, console)


def _show_counts(counts: dict[str, Any], console: Console) -> None:
    rows = ", ".join(f"{name.replace('_', ' ')} {counts[name]:,}" for name in COUNTED)
    lists = ", ".join(f"{split} {number:,}" for split, number in counts["lists"].items())
    console.print(f"\n{rows}; lists: {lists}")
    for task in counts["tasks_without_positives"]:
        told = told_without_positives(task, counts["lists"]["train"])
        console.print(f"  {_text(told)}", soft_wrap=True)
    for reason, number in counts["reasons"].items():
        console.print(f"  set aside: {number:,} x {_text(reason)}")
    _show_repeats(counts, console)
    for column, lists in counts["conflicts"].items():
        told = f"lists whose rows disagree on column {column!r}; the first row counts"
        console.print(f"  {lists:,} {_text(told)}", soft_wrap=True)
    if counts["lists_of_new_regions"]:
        regions = counts["lists_of_new_regions"].items()
        shown = ", ".join(f"{region} ({lists})" for region, lists in regions)
        console.print(f"  regions without training lists (lists evaluated): {_text(shown)}")
    for name, found in counts["numbers_rounded"].items():
        console.print(f"  {_text(Rounded(**found).told(name))}", soft_wrap=True)
    if counts["lists_cut"]:
        console.print(
            f"  {counts['lists_cut']:,} training lists cut, {counts['items_cut']:,} items,"
            f" positives among them: {counts['positives_cut']}"
        )


def _show_unknown_values(unknown: dict[str, Any], console: Console) -> None:
    found = {name: UnknownValues.model_validate(values) for name, values in unknown.items()}
    for line in told_unknown(found, "evaluation lists"):
        console.print(f"  {_text(line)}", soft_wrap=True)


def _show_repeats(counts: dict[str, Any], console: Console) -> None:
    lists = counts["lists_with_repeated_rows"]
    if counts["rows_merged"]:
        told = f"{counts['rows_merged']:,} rows repeat an item of their list ({lists:,} lists)"
        console.print(f"  {told}: one entry an item, its strongest action kept", soft_wrap=True)
    if counts["rows_equal"]:
        told = f"{counts['rows_equal']:,} rows equal an earlier one of their list ({lists:,} lists)"
        console.print(f"  {told} and were kept: `item:` would tell them apart", soft_wrap=True)


def _show_split(split: dict[str, Any], console: Console) -> None:
    for side in ("country", "dependent", "invariant"):
        names = ", ".join(split[side]) or "none"
        console.print(f"{side} features ({len(split[side])}): {_text(names)}")
    if split["distances"] and not split["dependent"]:
        console.print(_text(_nearest_to_dependent(split)), soft_wrap=True)


def _nearest_to_dependent(split: dict[str, Any]) -> str:
    """Says how far the features are from being dependent, where none is."""
    name, found = max(split["distances"].items(), key=lambda one: one[1]["distance"])
    return (
        f"  no feature differs by more than {split['threshold']:g} from region to region, so no "
        f"mask is learnt; nearest: {name}, {found['distance']:.3f} after "
        f"{found['expected_by_chance']:.3f} for chance; `side: dependent` pins a feature"
    )


def _table(summary: dict[str, Any]) -> Table:
    metrics, metric = summary["metrics"], _metric(summary)
    slices = metrics["slices"]
    targets = list(slices[0]["targets"]) if slices else []
    percent = round(100 * metrics["confidence"])
    table = Table(
        title=f"{metric} of the score ± half of its {percent}% interval (lists that count)",
        title_justify="left",
    )
    columns = _columns(slices)
    for name in columns:
        table.add_column(_text(name), no_wrap=True, max_width=MOST_LETTERS)
    for target in targets:
        table.add_column(target, justify="right", overflow="fold")
    smallest = summary["config"]["evaluation"]["smallest_slice"]
    shown = _largest(slices)
    for part in shown:
        names = [_text(str(part["slice"].get(column, EVERY))) for column in columns]
        cells = (_cell(part["targets"][target], metric, smallest) for target in targets)
        table.add_row(*names, *cells)
    hidden = len(slices) - len(shown)
    table.caption = f"{EVERY} stands for all\n"
    table.caption += f"grey: fewer than {smallest} lists that count, too small to judge"
    table.caption += f"; {hidden} smaller slices are in summary.json" if hidden else ""
    return table


def _columns(slices: list[dict[str, Any]]) -> list[str]:
    """What the slices go by, in the order of their first mention."""
    return list(dict.fromkeys(column for part in slices for column in part["slice"])) or ["slice"]


def _largest(slices: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The slices with most lists, as many as fit on a screen, in their own order."""
    least = sorted((part["lists"] for part in slices), reverse=True)[:MOST_ROWS]
    return [part for part in slices if part["lists"] >= least[-1]][:MOST_ROWS]


def _metric(summary: dict[str, Any]) -> str:
    return headline_metric(summary["config"]["evaluation"]["ndcg_at"])


def _cell(target: dict[str, Any], metric: str, smallest: int) -> str:
    found = target["rankings"].get(RANKING, {}).get(metric)
    lists = target["lists_counted"]
    if not found or found["value"] is None:
        return f"[dim]not measurable ({lists})[/]"
    half = "" if found["low"] is None else f" ± {(found['high'] - found['low']) / 2:.3f}"
    cell = f"{found['value']:.3f}{half} ({lists:,})"
    return f"[dim]{cell}[/]" if lists < smallest else cell


def _show_orders(metrics: dict[str, Any], metric: str, console: Console) -> None:
    """Beside the model: the logged and a random order, and the best possible where it is known."""
    console.print(f"{metric} overall (the logged order is favoured by its own clicks):")
    overall = metrics["slices"][0]["targets"] if metrics["slices"] else {}
    for name, target in overall.items():
        parts = []
        for ranking in (RANKING, "logged", "random"):
            found = target["rankings"].get(ranking, {}).get(metric)
            if found and found["value"] is not None:
                parts.append(f"{ranking} {found['value']:.3f}")
        share = _share_of_best(target, metric)
        parts += [f"{share:.0%} of the way from random to best"] if share else []
        console.print(f"  {name:<12} {', '.join(parts) or 'not measurable'}", soft_wrap=True)
        if equals := target["lists_of_equals"]:
            console.print(
                f"  {'':<12} left out: {equals:,} lists in which no order can be wrong"
                " (one item, or all equally relevant)",
                soft_wrap=True,
            )


def _share_of_best(target: dict[str, Any], metric: str) -> float | None:
    expected = target["rankings"].get(RANKING, {}).get(f"expected_{metric}", {})
    share = expected.get("share_of_best")
    return share["value"] if share else None


def _show_blessing(blessing: dict[str, Any], console: Console) -> None:
    if blessing["blessed"]:
        console.print(f"\n[green]{_text(blessing['reason'])}[/]")
        return
    failed = [gate for gate in blessing["gates"] if gate["passed"] is False]
    # The reason names the gates as well, as far as a line has room for them.
    reason = blessing["reason"]
    gates = [gate for gate in failed if gate["gate"] != MEASURABLE]
    if gates and gates == failed:
        reason = f"not blessed, {len(failed)} gate(s) failed:"
    console.print(f"\n[red]{_text(reason)}[/]")
    for gate in gates:
        place = ", ".join(f"{key} {value}" for key, value in gate["slice"].items())
        where = f" ({place})" if place else ""
        console.print(f"  [red]✗[/] {_text(gate['gate'] + where)}: {_text(gate['why'])}")


def _show_paths(summary: dict[str, Any], console: Console) -> None:
    paths, blessed = summary["paths"], summary["blessing"]["blessed"]
    console.print()
    names = ["pushed_model", "region_split", "summary", "report", "tensorboard", "log"]
    if summary["counts"]["rows_set_aside"]:
        names.insert(1, "rows_set_aside")
    for name in names:
        shown = paths[name] or f"none: {'withdrawn' if blessed else 'not blessed'}"
        console.print(f"{name.replace('_', ' '):<14} {_text(shown)}", soft_wrap=True)


def _text(data: str) -> str:
    """A name or a sentence with names from data: no markup, no further line, no command."""
    return escape(on_one_line(data))
