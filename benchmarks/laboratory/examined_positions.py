"""The examination that a training has learnt, at some positions."""

import numpy as np

from data.artifacts.examination import LearntExamination

POSITIONS = (2, 5, 10, 20, 40)


def figures_of(found: LearntExamination | None) -> dict[str, np.ndarray]:
    """What was learnt, among the figures of a training.

    Args:
        found: None where nothing was.

    Returns:
        By `examination_PLATFORM`, examination at `POSITIONS` as a share of that at the first one,
        float [5].
    """
    if found is None:
        return {}
    return {
        figure_of(platform): found.at(np.array(POSITIONS, float), platform)
        for platform in found.platforms
    }


def figure_of(platform: str) -> str:
    """Name of the figure of a platform."""
    return f"examination_{platform}"
