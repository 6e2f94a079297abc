"""The table of a metric by slice at the end of a run."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from components.evaluator.config import headline_metric
from components.evaluator.plan import describe
from components.evaluator.results import Metric, SliceResults, Target
from data.terminal_text import on_one_line
from pipeline.summary import Summary

MOST_ROWS = 40
# Letters of a slice's name; summary.json has all.
MOST_LETTERS = 50
RANKING = "score"
# Before figures of too few lists; colours are lost in files.
SMALL = "~"


def slice_table(summary: Summary, slices: Sequence[SliceResults]) -> Table:
    """A row for each slice and a column for each target.

    Args:
        summary: the content of summary.json.
        slices: those that are shown, the largest of them where they are more than `MOST_ROWS`.
    """
    metric = headline_metric(summary.config.evaluation.ndcg_at)
    targets = list(slices[0].targets) if slices else []
    percent = round(100 * summary.metrics.confidence)
    table = Table(
        title=f"{metric} of the score ± half of its {percent}% interval (lists that count)",
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("lists", no_wrap=True, max_width=MOST_LETTERS)
    for target in targets:
        table.add_column(target, justify="right", overflow="fold")
    smallest = summary.config.evaluation.smallest_slice
    shown = _largest(slices)
    for before, part in zip([None, *shown], shown, strict=False):
        if before is not None and list(before.slice) != list(part.slice):
            table.add_section()
        name = text_of(describe(part.slice)) if part.slice else "all"
        cells = (_cell(part.targets[target], metric, smallest) for target in targets)
        table.add_row(name, *cells)
    hidden = len(slices) - len(shown)
    table.caption = f"{SMALL} fewer than {smallest} lists that count, too small to judge"
    table.caption += f"; {hidden} smaller slices are in summary.json" if hidden else ""
    return table


def found_metric(target: Target, ranking: str, metric: str) -> Metric | None:
    """The metric of one order; None where it was not measured."""
    return target.rankings.get(ranking, {}).get(metric)


def text_of(data: str) -> str:
    """A name or a sentence with names from data: no markup, no further line, no command."""
    return escape(on_one_line(data))


def _largest(slices: Sequence[SliceResults]) -> list[SliceResults]:
    """The slices with most lists, as many as fit on a screen, in their own order."""
    least = sorted((part.lists for part in slices), reverse=True)[:MOST_ROWS]
    return [part for part in slices if part.lists >= least[-1]][:MOST_ROWS]


def _cell(target: Target, metric: str, smallest: int) -> str:
    found, lists = found_metric(target, RANKING, metric), target.lists_counted
    if found is None or found.value is None:
        return f"[dim]not measurable ({lists})[/]"
    half = ""
    if found.low is not None and found.high is not None:
        half = f" ± {(found.high - found.low) / 2:.3f}"
    cell = f"{found.value:.3f}{half} ({lists:,})"
    return f"[dim]{SMALL}{cell}[/]" if lists < smallest else cell
