"""The base of every definition that is read from YAML."""

from pydantic import BaseModel, ConfigDict

# Letters of a name that may become the name of a folder.
LONGEST_NAME = 100


class Definition(BaseModel):
    """A validated, immutable definition that refuses unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)
