"""Distances between regions before and after the adaptor, as a table: Figure 4's claim."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reproduction.comparison import Comparison
from benchmarks.reproduction.distances import STAGES


def mean_distances(comparison: Comparison) -> list[dict[str, Any]]:
    """The mean distance over columns of each stage, and its spread over seeds.

    Args:
        comparison: the models and seeds.

    Returns:
        A row for each model with an adaptor and each stage: `model`, `stage`, `distance` and
        `deviation`, the standard deviation over seeds (0 of a single one).
    """
    rows = []
    for number, setup in enumerate(comparison.setups):
        seeds = range(1, comparison.seeds + 1)
        scores = [comparison.scores[number, seed] for seed in seeds]
        for stage in (stage for stage in STAGES if stage in scores[0]):
            means = [float(one[stage].mean()) for one in scores]
            deviation = float(np.std(means, ddof=1)) if len(means) > 1 else 0.0
            row = {"model": setup.name, "stage": stage}
            rows.append({**row, "distance": float(np.mean(means)), "deviation": deviation})
    return rows


def write_distances(rows: list[dict[str, Any]], folder: Path, name: str) -> str:
    """Writes `NAME_distances.json` and `NAME_distances.md`.

    Args:
        rows: from `mean_distances`.
        folder: where they go.
        name: such as `figure4`.

    Returns:
        The Markdown.
    """
    (folder / f"{name}_distances.json").write_text(json.dumps(rows, indent=2) + "\n")
    lines = ["| model | " + " | ".join(STAGES) + " |", "|---" * (len(STAGES) + 1) + "|"]
    for model in dict.fromkeys(row["model"] for row in rows):
        cells = [
            f"{row['distance']:.3f} (±{row['deviation']:.3f})"
            for row in rows
            if row["model"] == model
        ]
        lines.append(f"| {model} | " + " | ".join(cells) + " |")
    lines += ["", "Mean Kolmogorov-Smirnov distance of two regions, and deviation over seeds.", ""]
    markdown = "\n".join(lines)
    (folder / f"{name}_distances.md").write_text(markdown)
    return markdown
