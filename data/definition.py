"""The base of every definition that is read from YAML."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

# Letters of a name that may become the name of a folder.
LONGEST_NAME = 100

# What NumPy takes for a seed.
Seed = Annotated[int, Field(ge=0, lt=2**32)]


class Definition(BaseModel):
    """A validated, immutable definition that refuses unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)
