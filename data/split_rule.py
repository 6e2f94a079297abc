"""How lists are divided."""

import datetime
from typing import Literal

from pydantic import Field, model_validator

from data.definition import Definition


class Split(Definition):
    """How lists are divided into training, validation and evaluation lists; never through a list.

    Attributes:
        by: `time`, or the hash of the `user` (or session) or of the `list`.
        evaluation_from: with `time`: lists from this moment on are evaluated.
        validation_from: with `time`: lists from this moment to evaluation_from validate.
        evaluation_share: with a hash: share of all lists that are evaluated; default 0.2.
        validation_share: with a hash: share of the other lists that validate; default 0.1.
    """

    by: Literal["time", "user", "list"] = "list"
    evaluation_from: datetime.datetime | None = None
    validation_from: datetime.datetime | None = None
    evaluation_share: float = Field(default=0.2, gt=0, lt=1)
    validation_share: float = Field(default=0.1, gt=0, lt=1)

    @model_validator(mode="after")
    def _check(self) -> "Split":
        dates = (self.validation_from, self.evaluation_from)
        if self.by == "time":
            if None in dates:
                raise ValueError("a split by time needs validation_from and evaluation_from")
            if len({moment.tzinfo is None for moment in dates if moment}) > 1:
                raise ValueError("of validation_from and evaluation_from one has a zone")
            if self.validation_from >= self.evaluation_from:  # type: ignore[operator]
                raise ValueError("validation_from must be before evaluation_from")
        elif dates != (None, None):
            raise ValueError(f"dates are for a split by time, not by {self.by}")
        return self
