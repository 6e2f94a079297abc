"""What correcting position bias brings back, and the examination that was learnt with it."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.laboratory.comparison import Comparison, GapShare
from benchmarks.laboratory.examined_positions import POSITIONS, figure_of
from data.simulator.actions import examination
from data.simulator.regions import PLATFORMS


def write_gaps(shares: Sequence[GapShare], folder: Path, name: str, better: str) -> str:
    """Writes `NAME_gaps.json`.

    Args:
        shares: from `Comparison.shares_of_gap`.
        folder: where it goes.
        name: such as `position_bias`.
        better: name of the setup at the other end of the gap.

    Returns:
        A table in Markdown.
    """
    path = folder / f"{name}_gaps.json"
    path.write_text(json.dumps([share._asdict() for share in shares], indent=2) + "\n")
    tasks = list(dict.fromkeys(share.task for share in shares))
    lines = [f"| model | {' | '.join(tasks)} |", "|---" * (len(tasks) + 1) + "|"]
    for model in dict.fromkeys(share.model for share in shares):
        cells = [
            f"{one.share:.0%} [{one.low:.0%}, {one.high:.0%}]"
            for one in shares
            if one.model == model
        ]
        lines.append(f"| {model} | {' | '.join(cells)} |")
    legend = f"Share of the gap to '{better}' that is closed, 95% interval."
    return "\n".join([*lines, "", legend, ""])


def write_examination(comparison: Comparison, folder: Path, name: str) -> str:
    """Writes `NAME_examination.json`.

    Args:
        comparison: trainings that correct position bias, of the simulated marketplace.
        folder: where it goes.
        name: such as `position_bias`.

    Returns:
        A table in Markdown, with the truth of logs with position bias.
    """
    rows = [*_true_rows(), *_learnt_rows(comparison)]
    (folder / f"{name}_examination.json").write_text(json.dumps(rows, indent=2) + "\n")
    head = ["examination at", "platform", *map(str, POSITIONS)]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for row in rows:
        cells = [f"{mean:.2f} (±{spread:.2f})" for mean, spread in row["values"]]
        lines.append(f"| {row['model']} | {row['platform']} | {' | '.join(cells)} |")
    return "\n".join(
        [*lines, "", "As a share of that at position 1, and deviation over seeds.", ""]
    )


def _true_rows() -> list[dict]:
    positions = np.array(POSITIONS)
    return [
        {
            "model": "the truth",
            "platform": platform,
            "values": [
                (float(value), 0.0)
                for value in examination(positions, np.full(len(positions), number), bias=True)
            ],
        }
        for number, platform in enumerate(PLATFORMS)
    ]


def _learnt_rows(comparison: Comparison) -> list[dict]:
    rows = []
    for number, setup in enumerate(comparison.setups):
        of_seeds = [scores.figures for scores in comparison.of_seeds(number)]
        for platform in PLATFORMS:
            name = figure_of(platform)
            if name not in of_seeds[0]:
                continue
            found = np.stack([figures[name] for figures in of_seeds])
            spread = found.std(axis=0, ddof=1) if len(found) > 1 else np.zeros(len(POSITIONS))
            values = list(zip(found.mean(axis=0).tolist(), spread.tolist(), strict=True))
            rows.append({"model": setup.name, "platform": platform, "values": values})
    return rows
