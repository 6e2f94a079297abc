"""A feature: where its values come from and how a model may read them."""

import keyword
from typing import Literal

from pydantic import Field, FiniteFloat, field_validator, model_validator

from data.definition import keys
from data.definition.base import LONGEST_NAME, Definition
from data.definition.scopes import SCOPES, Scope, ScopeName

Kind = Literal["numeric", "categorical", "bucketed", "vector"]
Side = Literal["dependent", "invariant"]
WithinList = Literal["percentile", "standardised"]

# What a feature takes over from the one that it is like: all that a model learns of its values.
SHARED_FIELDS = (
    "kind",
    "length",
    "origin",
    "log",
    "buckets",
    "boundaries",
    "vocabulary_size",
    "out_of_vocabulary_buckets",
    "embedding_width",
)


class Feature(Definition):
    """One input of the model.

    Attributes:
        name: key of the feature in Examples and in serving requests; letters (a to z), digits and
            underscores.
        column: the column of the logs; the name itself by default.
        scope: `context` (one value a list), `item` (one value an item) or `history` (a value for
            each past action, see `data.definition.history`).
        like: the item feature whose values these are as well, such as the category of what was
            looked at: kind, vocabulary, moments and embedding are that feature's; history only.
        kind: `numeric` (standardised), `categorical` (vocabulary and embedding), `bucketed`
            (a number cut at quantiles or at given boundaries, then embedded) or `vector`
            (a list of numbers of fixed length, as embeddings come).
        length: numbers in a vector.
        origin: subtracted, in 64 bits, from the values of the logs before they become 32-bit
            floats, so that large numbers which differ by little keep their digits; numeric and
            bucketed only. Serving requests and `boundaries` count from it.
        log: whether sign(x) log(1 + |x|) is taken before standardising; numeric only.
        buckets: number of quantile buckets; bucketed only.
        boundaries: inner boundaries of the buckets in ascending order, instead of quantiles.
        within_list: versions of a numeric item feature relative to the other items of its list.
            `percentile` for numeric item features by default.
        vocabulary_size: most frequent values that are kept; categorical only.
        out_of_vocabulary_buckets: buckets that all other values share by hash; categorical only.
        embedding_width: width of the embedding; by default min(16, the vocabulary's size ^ 0.5)
            rounded up, and min(8, values) for a country feature.
        side: pins the feature to one side of the region split instead of measuring it.
        kinds: the kinds of items that have the feature, see `kind_of_item` of the dataset; items of
            other kinds have nothing there, which is not a missing value. Item features only; None
            for all kinds.
        optional: whether a file may lack the column; all its values are missing there.
    """

    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    column: str = ""
    scope: ScopeName
    like: str | None = None
    kind: Kind
    length: int | None = Field(default=None, ge=1)
    origin: FiniteFloat = 0.0
    log: bool = False
    buckets: int = Field(default=10, ge=2)
    boundaries: tuple[FiniteFloat, ...] | None = None
    within_list: tuple[WithinList, ...] | None = None
    vocabulary_size: int = Field(default=10_000, ge=1)
    out_of_vocabulary_buckets: int = Field(default=1, ge=1)
    embedding_width: int | None = Field(default=None, ge=1)
    side: Side | None = None
    kinds: tuple[str, ...] | None = None
    optional: bool = False

    @model_validator(mode="before")
    @classmethod
    def _fill_defaults(cls, values: dict) -> dict:
        if not isinstance(values, dict):
            return values
        values = dict(values)
        values.setdefault("column", values.get("name", ""))
        if values.get("within_list") is None:
            relative = values.get("scope") == "item" and values.get("kind") == "numeric"
            values["within_list"] = ("percentile",) if relative else ()
        return values

    @field_validator("name")
    @classmethod
    def _argument(cls, name: str) -> str:
        """TensorFlow makes arguments of a serving function of the names, of ASCII alone."""
        plain = name.isascii() and name.isidentifier()
        if not plain or name.startswith("_") or name == "self":
            raise ValueError(
                "expected letters (a to z), digits and underscores, as in"
                " `{name: unit_price, column: Unit Price}`"
            )
        if keyword.iskeyword(name):
            raise ValueError(
                f"{name!r} is a word of Python's; expected another `name`, as in"
                " `{name: unit_price, column: Unit Price}`"
            )
        return name

    @field_validator("kinds", mode="before")
    @classmethod
    def _one_or_several(cls, kinds: object) -> object:
        return (kinds,) if isinstance(kinds, str) else kinds

    @model_validator(mode="after")
    def _check(self) -> "Feature":
        if (self.kind == "vector") != (self.length is not None):
            raise ValueError(f"feature {self.name!r}: length is needed for, and only for, a vector")
        if self.log and self.kind != "numeric":
            raise ValueError(f"feature {self.name!r}: log is for numeric features only")
        if self.origin and self.kind not in ("numeric", "bucketed"):
            raise ValueError(f"feature {self.name!r}: origin is for numbers only")
        if self.boundaries is not None:
            if self.kind != "bucketed":
                raise ValueError(f"feature {self.name!r}: boundaries are for bucketed features")
            if not self.boundaries or list(self.boundaries) != sorted(set(self.boundaries)):
                raise ValueError(f"feature {self.name!r}: boundaries must ascend")
        if len(set(self.within_list or ())) < len(self.within_list or ()):
            raise ValueError(f"feature {self.name!r}: within_list names one version twice")
        if self.within_list and (self.scope, self.kind) != ("item", "numeric"):
            raise ValueError(f"feature {self.name!r}: within_list is for numeric item features")
        if self.like is not None and self.scope != "history":
            raise ValueError(f"feature {self.name!r}: like is for features of scope history only")
        self._check_kinds()
        return self

    def _check_kinds(self) -> None:
        if self.kinds is None:
            return
        if self.scope != "item":
            raise ValueError(f"feature {self.name!r}: kinds are for item features")
        if not self.kinds or "" in self.kinds:
            raise ValueError(
                f"feature {self.name!r}: kinds: expected names of kinds of items, as in"
                f" `kinds: [shop]`; found {list(self.kinds)}"
            )
        if len(set(self.kinds)) < len(self.kinds):
            raise ValueError(f"feature {self.name!r}: kinds names one kind twice")

    @property
    def derived_names(self) -> tuple[str, ...]:
        """Keys of what is made of the feature; no other feature may have them."""
        versions = (keys.within_list(self.name, version) for version in self.within_list or ())
        return (keys.missing(self.name), *versions)

    @property
    def belongs_to(self) -> Scope:
        """What its values belong to."""
        return SCOPES[self.scope]

    @property
    def form(self) -> str:
        """What a model depends on, in words: `item, vector of length 3`."""
        length = f" of length {self.length}" if self.length else ""
        return f"{self.scope}, {self.kind}{length}"
