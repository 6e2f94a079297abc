"""What correcting position bias brings back, and the examination that was learnt with it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.laboratory.comparison import Comparison, GapShare
from benchmarks.laboratory.examined_positions import POSITIONS, figure_of
from benchmarks.laboratory.setups import Exhibit, Setup, whatever_logs
from data.simulator.actions import examination
from data.simulator.regions import PLATFORMS

# Of `position_bias`: what is to be corrected, and what it would be without.
AS_LOGGED, WITHOUT_BIAS = "as logged", "logs without bias"


def position_bias() -> list[Setup]:
    """SEQ+MD on logs with position bias, corrected or not, and on logs without.

    Logs without bias have more actions, too. Logs in random order have about as many as those that
    are corrected, and no feature of theirs goes along with the position. `learnt` is without lists
    in random order.
    """
    model, unbiased = {"ranker": "seq_md"}, {"position_bias": False}
    no_random, all_random = {"randomised_share": 0.0}, {"randomised_share": 1.0}

    def setup(
        name: str, against: str, way: str = "none", learns_from: Mapping[str, Any] | None = None
    ) -> Setup:
        training = {"position_bias": way} if way != "none" else {}
        return Setup(name, model, against, training=training, learns_from=learns_from or {})

    return [
        setup(AS_LOGGED, AS_LOGGED),
        setup(WITHOUT_BIAS, AS_LOGGED, learns_from=unbiased),
        setup("additive", AS_LOGGED, "additive"),
        setup("inverse propensity", AS_LOGGED, "inverse_propensity"),
        setup("additive, learnt", AS_LOGGED, "additive", no_random),
        setup("inverse propensity, learnt", AS_LOGGED, "inverse_propensity", no_random),
        setup(f"{WITHOUT_BIAS}, additive", WITHOUT_BIAS, "additive", unbiased),
        setup(f"{WITHOUT_BIAS}, inverse propensity", WITHOUT_BIAS, "inverse_propensity", unbiased),
        setup("logs in random order", AS_LOGGED, learns_from=all_random),
    ]


POSITION_BIAS = {
    "position_bias": Exhibit(
        "Position bias, corrected and not",
        whatever_logs(position_bias),
        examination=True,
        gap=(AS_LOGGED, WITHOUT_BIAS),
    ),
}


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
