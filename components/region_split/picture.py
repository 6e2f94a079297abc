"""A picture of the most and the least shifted features by region, as in Fig. 2b of the paper."""

import io

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from components.region_split.curves import Curves, feature_curves
from components.region_split.sample import Sample
from data.dataset import Dataset
from data.files import write_whole
from data.region_split import FeatureSplit

COLUMNS = 4
MOST_REGIONS = 8
# Distances are rounded to six digits.
ROUNDED = 2e-6


def save_picture(path: str, dataset: Dataset, split: FeatureSplit, sample: Sample | None) -> None:
    """Draws the picture; where nothing was compared, it says why.

    Args:
        path: the PNG file, local or remote.
        dataset: the dataset.
        split: the sides and distances of all features.
        sample: the lists that were compared; None where there are none.
    """
    buffer = io.BytesIO()
    # Names of regions and categories are text, also between dollar signs.
    with rc_context({"text.parse_math": False}):
        figure = _draw(dataset, split, sample) if sample else _empty(split)
        FigureCanvasAgg(figure)
        figure.savefig(buffer, format="png", dpi=120)
    write_whole(path, buffer.getvalue())


def _empty(split: FeatureSplit) -> Figure:
    figure = Figure(figsize=(8, 2))
    figure.text(0.5, 0.5, f"No regions were compared:\n{split.reason}.", ha="center", va="center")
    return figure


def _draw(dataset: Dataset, split: FeatureSplit, sample: Sample) -> Figure:
    figure = Figure(figsize=(4 * COLUMNS, 8), layout="constrained")
    regions = list(sample.regions)[:MOST_REGIONS]
    figure.suptitle(
        f"Distributions of features by region: most shifted above, least shifted below\n"
        f"(the {len(regions)} largest of {len(sample.regions)} compared regions;"
        f" a feature is dependent above {split.threshold:g})"
    )
    axes = figure.subplots(2, COLUMNS, squeeze=False)
    for row, names in zip(axes, _shown(list(split.distances)), strict=True):
        for place, panel in enumerate(row):
            if place < len(names):
                name = names[place]
                component = split.distances[name].component
                feature = dataset.feature(name)
                _panel(panel, feature_curves(feature, component, sample, len(regions)))
                panel.set_title(_title(name, split), fontsize=10)
            else:
                panel.set_axis_off()
    lines = [Line2D([], [], color=f"C{place}") for place in range(len(regions))]
    figure.legend(lines, regions, title="region", loc="outside right center")
    return figure


def _shown(names: list[str]) -> tuple[list[str], list[str]]:
    """The features of both rows; none of them twice."""
    most = names[: min(COLUMNS, (len(names) + 1) // 2)]
    return most, names[len(most) :][-COLUMNS:]


def _title(name: str, split: FeatureSplit) -> str:
    found = split.distances[name]
    notes = ["dependent" if name in split.dependent else "invariant"]
    if found.pinned:
        notes.append("pinned")
    if found.distance > max(0.0, found.raw - found.expected_by_chance) + ROUNDED:
        notes.append(f"missing shares {found.missing_raw:.2f} apart")
    return f"{name}: {found.distance:.2f}, {', '.join(notes)}"


def _panel(panel: Axes, curves: Curves) -> None:
    for place, (region, shares) in enumerate(curves.shares.items()):
        if curves.labels is None:
            panel.stairs(shares, curves.edges, baseline=None, color=f"C{place}", label=region)
        else:
            ticks = range(len(shares))
            panel.plot(ticks, shares, marker="o", markersize=3, color=f"C{place}", label=region)
    if curves.labels is not None:
        panel.set_xticks(range(len(curves.labels)), curves.labels, rotation=45, ha="right")
    panel.set_xlabel(curves.unit, fontsize=9)
    panel.set_ylabel(curves.share_of, fontsize=9)
    panel.tick_params(labelsize=8)
    panel.set_ylim(bottom=0)
