"""A task: one action, the columns that say whether and when it was done, and its grade."""

import re
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from data.definition.base import LONGEST_NAME, Definition
from data.definition.time_column import Time

Column = Annotated[str, Field(min_length=1)]

_SECONDS = {"m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_WINDOW = re.compile(r"(\d{1,5})([mhdw])")


class Task(Definition):
    """One action, such as a click or a purchase.

    Attributes:
        name: name of the task in outputs and metrics; letters, digits and underscores.
        column: the column of the logs: 0 or 1 (or false / true, or a count), empty where unknown;
            the name itself by default. Where it is the column of `at`, the action was done where
            that has a time.
        grade: relevance of an item on which this action was the furthest; at least 1, and not
            falling from task to task. An item's relevance is the largest grade reached, its
            gain 2^relevance - 1.
        true_probability: a column with the action's true probability, which only a simulation
            knows; evaluation then reports the share of the possible NDCG that was reached.
        at: the column with the time of the action, empty where it has not been done so far; or a
            time with a zone, unit or format of its own.
        undone_by: the column with the time at which the action was taken back; the task is then
            about actions that stand. It may have the column of an earlier task.
        matures_after: the time from the list within which an action counts, and after which its
            label is final: `14d`, or minutes (m), hours (h), weeks (w); None takes every label
            as it is.
    """

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=LONGEST_NAME)
    column: str = ""
    grade: int = Field(ge=1, le=30)
    true_probability: str | None = None
    at: Column | Time | None = None
    undone_by: Column | Time | None = None
    matures_after: str | None = None

    def model_post_init(self, context: object) -> None:
        """Takes the name as the column where none is given."""
        if not self.column:
            object.__setattr__(self, "column", self.name)

    @field_validator("matures_after")
    @classmethod
    def _known_window(cls, window: str | None) -> str | None:
        found = _WINDOW.fullmatch(window) if window is not None else None
        if window is not None and (found is None or not int(found[1])):
            raise ValueError("expected a time such as 14d, 36h or 2w")
        return window

    @model_validator(mode="after")
    def _check_times(self) -> "Task":
        if self.undone_by is not None and self.at is None:
            raise ValueError(f"task {self.name!r}: undone_by needs `at`, the time of the action")
        if self.undone_by is not None and self.column_of("at") == self.column_of("undone_by"):
            raise ValueError(f"task {self.name!r}: at and undone_by are the same column")
        return self

    @property
    def window(self) -> int | None:
        """`matures_after` in seconds."""
        if self.matures_after is None:
            return None
        number, unit = self.matures_after[:-1], self.matures_after[-1]
        return int(number) * _SECONDS[unit]

    @property
    def timed(self) -> bool:
        """Whether it says anything of times."""
        return self.at is not None or self.matures_after is not None

    @property
    def has_delays(self) -> bool:
        """Whether it has times, and a window within which they lie."""
        return self.at is not None and self.matures_after is not None

    def column_of(self, field: str) -> str | None:
        """The column that `at` or `undone_by` names."""
        named = getattr(self, field)
        return named.column if isinstance(named, Time) else named

    @property
    def time_columns(self) -> tuple[str, ...]:
        """Columns of times, which are known only afterwards."""
        columns = (self.column_of("at"), self.column_of("undone_by"))
        return tuple(column for column in columns if column is not None)
