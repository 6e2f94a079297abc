"""Listings of the items of a dataset, whose attributes become features of the items."""

from typing import Annotated

from pydantic import Field, field_validator

from data.definition.base import Definition, Seed
from data.definition.task import Column

_Share = Annotated[float, Field(ge=0, lt=1)]


class ItemListings(Definition):
    """Where the listings of the items are, and which of their attributes the items get.

    Attributes:
        files: files, folders or patterns of listings: CSV, Parquet or JSON lines, one listing a
            row.
        taxonomy: a JSON file, `{"category": {"attribute": ["value", ...]}}`.
        attributes: columns of the listings, attributes of the taxonomy, that become features of the
            items: the one in `features` whose `column` is the attribute, or else a categorical one
            of its name.
        item: column with what identifies the item, as the logs have it; the name of the logs'
            column by default.
        category: column with the category.
        title: column with the title.
        description: column with the description; it need not be there.
        absent: what an attribute says that a listing is known not to have.
        model: folder of a model that `seqmd fill-attributes` wrote; None trains one.
        least_precision: where an attribute's values are filled in with less precision on listings
            held out, or none is filled in there, they are not joined; what listings state is.
        epochs: passes over the listings; None takes the default.
        left_out: share of listings that have an attribute and do not state it, where none says that
            it is absent; None takes the default.
        encoder: name of a model of `sentence-transformers` whose vectors join the hashed ones.
        seed: seed of the training.
    """

    files: tuple[Column, ...] = Field(min_length=1)
    taxonomy: Column
    attributes: tuple[Column, ...] = Field(min_length=1)
    item: Column | None = None
    category: Column = "category"
    title: Column = "title"
    description: Column = "description"
    absent: tuple[str, ...] = ("n/a",)
    model: Column | None = None
    least_precision: float = Field(default=0.7, ge=0, le=1)
    epochs: int | None = Field(default=None, ge=1)
    left_out: _Share | None = None
    encoder: str | None = None
    seed: Seed = 0

    @field_validator("files", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value
