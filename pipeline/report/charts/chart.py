"""What all charts have: a caption, words for those who do not see them, and a picture's size."""

from dataclasses import dataclass
from typing import ClassVar

from pipeline.report.charts.scale import Tick


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart in units of its picture, for the macro of its `kind` in charts.html.

    Attributes:
        kind: which macro draws it.
        width: of the picture.
        left: where the axis begins.
        right: where it ends.
        title: what it shows.
        description: what it says, for those who do not see it.
        height: of the picture.
    """

    kind: ClassVar[str]
    width: ClassVar[int] = 340
    left: ClassVar[int]
    right: ClassVar[int]

    title: str
    description: str
    height: float


@dataclass(frozen=True, kw_only=True)
class Plane(Chart):
    """A chart over two axes.

    Attributes:
        top: where the vertical axis ends.
        floor: where it begins.
        x_ticks: of the horizontal axis.
        y_ticks: of the vertical axis.
    """

    top: ClassVar[int] = 10
    floor: ClassVar[int]

    x_ticks: list[Tick]
    y_ticks: list[Tick]
