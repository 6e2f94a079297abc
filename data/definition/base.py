"""The base of every definition that is read from YAML."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, field_validator

# Letters of a name that may become the name of a folder.
LONGEST_NAME = 100

# What NumPy takes for a seed.
LARGEST_SEED = 2**32 - 1


def _seed(seed: int) -> int:
    if not 0 <= seed <= LARGEST_SEED:
        raise ValueError(f"expected a seed from 0 to {LARGEST_SEED}")
    return seed


Seed = Annotated[int, AfterValidator(_seed)]

# Whole numbers up to here are the same as floats, in JSON and in TensorFlow.
LARGEST_NUMBER = 2**53


class Definition(BaseModel):
    """A validated, immutable definition that refuses unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    @field_validator("*")
    @classmethod
    def _not_too_large(cls, value: object) -> object:
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, int) and abs(number) > LARGEST_NUMBER:
                raise ValueError(f"expected whole numbers up to {LARGEST_NUMBER}")
        return value
