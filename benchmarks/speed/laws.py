"""Lines through what was measured, and what they say of sizes that were not."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy.optimize import nnls

_MILLION = 1_000_000


@dataclass(frozen=True)
class Law:
    """What a stage takes: `start + per_million * rows / 1,000,000`.

    Attributes:
        start: for no row at all.
        per_million: for each million of rows.
        largest_error: of the measured sizes, as a share of what was measured.
    """

    start: float
    per_million: float
    largest_error: float

    def at(self, rows: float, workers: int = 1) -> float:
        """What that many rows take, shared evenly by that many workers.

        Args:
            rows: of the logs.
            workers: each as the machine that was measured; what `start` stands for, each does.

        Returns:
            A value in the unit of what was measured, without what workers send to each other.
        """
        return self.start + self.per_million * rows / _MILLION / workers

    def rows_within(self, limit: float) -> float:
        """The rows that reach a limit; infinite where it does not grow."""
        return (limit - self.start) / self.per_million * _MILLION if self.per_million else np.inf

    def figures(self) -> dict[str, float]:
        """The figures by name."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


def law_of(rows: Sequence[int], values: Sequence[float]) -> Law:
    """The line, neither of whose figures is negative, with the least squared relative errors.

    Args:
        rows: of each size, two different ones at least.
        values: what was measured, positive.

    Returns:
        The law.

    Raises:
        ValueError: there are fewer than two sizes.
    """
    if len(set(rows)) < 2:
        raise ValueError(f"expected two sizes at least, found rows {list(rows)}")
    measured = np.asarray(values, float)
    sizes = np.asarray(rows, float) / _MILLION
    design = np.stack([np.ones_like(sizes), sizes], axis=1) / measured[:, None]
    (start, per_million), _ = nnls(design, np.ones_like(measured))
    errors = design @ [start, per_million] - 1
    return Law(float(start), float(per_million), float(np.abs(errors).max()))


def laws_by_stage(
    rows: Sequence[int], sizes: Sequence[Mapping[str, Mapping[str, float]]], name: str
) -> dict[str, Law]:
    """A law for each stage.

    Args:
        rows: of each size.
        sizes: of each size, the figures by stage.
        name: of the figure, such as `seconds`.

    Returns:
        Laws by stage.
    """
    return {stage: law_of(rows, [size[stage][name] for size in sizes]) for stage in sizes[0]}
