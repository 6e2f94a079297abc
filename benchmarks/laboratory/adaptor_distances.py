"""How far apart regions lie before and after the adaptor: the claim of the paper's Figure 4."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.laboratory.measures import context_column
from benchmarks.laboratory.prepared import Prepared
from data.definition import keys
from models.layers.region_adaptor import RegionAdaptor
from models.layers.streams import COUNTRY, DEPENDENT
from models.ranking_model import RankingModel

# The features, the features times the mask and with the shift where there is one, the MLP of the
# features as if every mask were 1 and every shift 0, and what the adaptor puts out.
STAGES = ("features", "masked", "transformed without mask", "transformed")
StageRow = dict[str, Any]
_LISTS = 2_000
_FEWEST_LISTS = 20


def by_stage(network: RankingModel, prepared: Prepared, part: str) -> dict[str, np.ndarray]:
    """Kolmogorov-Smirnov distances between the regions' distributions, stage by stage.

    Args:
        network: a trained network.
        prepared: the lists.
        part: lists whose items are compared; the first 2,000.

    Returns:
        The distance of each column, a mean over pairs of regions of at least 20 lists and over
        the adaptor's copies, float [columns], by stage; nothing where there is no adaptor, or
        no such pair. A column that is constant has the distance 0.
    """
    adaptor = _adaptor(network)
    if adaptor is None:
        return {}
    examples = prepared.examples[part][:_LISTS]
    streams = network.streams(prepared.reader(tf.constant(examples)))
    if network.kind_streams is not None:
        streams = network.kind_streams(streams)
    lists = prepared.lists[part].slice(0, len(examples))
    groups = list(_items_by_region(context_column(lists, keys.LIST_REGION), lists.list_of_item))
    if len(groups) < 2:
        return {}
    return {
        stage: np.mean([_distances(copy, groups) for copy in values], axis=0)
        for stage, values in _values(adaptor, streams).items()
    }


def _values(adaptor: RegionAdaptor, streams: dict[str, tf.Tensor]) -> dict[str, np.ndarray]:
    """Values of each stage, float [copies, N, width]."""
    features = streams[DEPENDENT][tf.newaxis]
    masked = adaptor.mask(streams[COUNTRY]) * features
    if adaptor.shift_mlp is not None:
        masked += tf.stack(adaptor.shift_mlp(streams[COUNTRY]))
    stages = (
        features,
        masked,
        tf.stack(adaptor.transformed_mlp(streams[DEPENDENT])),
        tf.stack(adaptor(streams)),
    )
    return {stage: values.numpy() for stage, values in zip(STAGES, stages, strict=True)}


def _items_by_region(region: np.ndarray, list_of_item: np.ndarray) -> Iterator[np.ndarray]:
    for name in sorted(set(region.tolist())):
        inside = region == name
        if len(np.unique(list_of_item[inside])) >= _FEWEST_LISTS:
            yield inside


def _distances(values: np.ndarray, groups: list[np.ndarray]) -> np.ndarray:
    """Mean distance of each column over pairs of regions, float [columns]."""
    inside = np.stack(groups)
    shares = inside / inside.sum(axis=1, keepdims=True)
    return np.array([_distance(column, shares) for column in values.T])


def _distance(column: np.ndarray, shares: np.ndarray) -> float:
    """Mean over pairs of regions of the largest gap between their distribution functions.

    Args:
        column: the items' values, float [N].
        shares: what each item adds to a region's distribution, float [regions, N].
    """
    order = np.argsort(column)
    ordered = column[order]
    # Equal values step together.
    ends = np.append(ordered[1:] != ordered[:-1], True)
    functions = np.cumsum(shares[:, order], axis=1)[:, ends]
    return float(np.mean([np.abs(a - b).max() for a, b in combinations(functions, 2)]))


def _adaptor(network: RankingModel) -> RegionAdaptor | None:
    layers = network.ranker.submodules
    return next((layer for layer in layers if isinstance(layer, RegionAdaptor)), None)


def mean_distances(figures: Mapping[str, Sequence[Mapping[str, np.ndarray]]]) -> list[StageRow]:
    """The mean distance over columns of each stage, and its spread over seeds.

    Args:
        figures: of each training of a model (`Scores.figures`), by name of the model.

    Returns:
        A row for each model with an adaptor and each stage: `model`, `stage`, `distance` and
        `deviation`, the standard deviation over seeds (0 of a single one).
    """
    rows = []
    for model, of_seeds in figures.items():
        for stage in (stage for stage in STAGES if stage in of_seeds[0]):
            means = [float(one[stage].mean()) for one in of_seeds]
            deviation = float(np.std(means, ddof=1)) if len(means) > 1 else 0.0
            row = {"model": model, "stage": stage}
            rows.append({**row, "distance": float(np.mean(means)), "deviation": deviation})
    return rows


def write_distances(rows: list[StageRow], folder: Path, name: str) -> str:
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
