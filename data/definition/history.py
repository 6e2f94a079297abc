"""What was done before a list was shown: parallel lists of past actions, one entry an action."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field

from data.definition.base import Definition
from data.definition.feature import SHARED_FIELDS, Feature
from data.definition.history_split import HistorySplit
from data.definition.time_column import Time
from data.similar_names import did_you_mean


class History(Definition):
    """How the lists of past actions are read; their values are features of scope `history`.

    Attributes:
        newest: entries that are kept of a history, the newest ones.
        order: how entries stand in the logs; where there are ages, entries go by these.
        age: name of the history feature that says how long before the list an entry was; ages
            below 0 lie in the future.
        at: column with the times of the entries, from which the ages are counted, in hours; read as
            `time` is, or with a `column`, `zone`, `unit` or `format` of its own.
        item: column that says on which item each past action was, as `item` of the dataset
            identifies it; a list whose history holds its own action is set aside.
        separator: what stands between the entries where a history is text.
        split_by: tells entries of single pieces from the rest; None gives all entries one encoder.
    """

    newest: int = Field(default=50, ge=1, le=100_000)
    order: Literal["newest_first", "oldest_first"] = "newest_first"
    age: str | None = None
    at: str | Time | None = None
    item: str | None = Field(default=None, min_length=1)
    separator: str = Field(default="|", min_length=1)
    split_by: HistorySplit | None = None

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Columns that it names itself: the field, and the column."""
        at = self.at.column if isinstance(self.at, Time) else self.at
        named = (("at", at), ("item", self.item))
        return tuple((field, column) for field, column in named if column is not None)


def with_shared_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Gives features that are `like` another one its kind, and what goes with that.

    Args:
        values: fields of a dataset, not validated yet.

    Returns:
        The fields, with a `history` where a feature is of that scope.

    Raises:
        ValueError: there is no such item feature.
    """
    features = values.get("features")
    if not isinstance(features, list | tuple):
        return dict(values)
    named = {str(_field(f, "name")): f for f in features if _field(f, "scope") == "item"}
    named |= _attributes(values.get("listings"), features)
    found = {**values, "features": [_like(one, named) for one in features]}
    if values.get("history") is None and any(_field(f, "scope") == "history" for f in features):
        found["history"] = {}
    return found


def check_history(history: History | None, features: Sequence[Feature], item: str | None) -> None:
    """Checks what histories say against the features.

    Args:
        history: how histories are read; None where there are none.
        features: all features of the dataset.
        item: the column that identifies an item, as the dataset says.

    Raises:
        ValueError: the first thing that is not as expected.
    """
    own = {feature.name: feature for feature in features if feature.scope == "history"}
    if history is None:
        return
    if not own:
        raise ValueError("history: expected features of scope history, found none")
    named = {feature.name: feature for feature in features}
    for fault in (*_differences(own.values(), named), *_faults_of_age(history, own)):
        raise ValueError(fault)
    if history.split_by is not None:
        history.split_by.check(list(own.values()))
    if history.item is not None and item is None:
        raise ValueError("history: item: expected `item` of the dataset to compare with")
    if history.item is not None and history.item == item:
        raise ValueError(
            f"history: item: expected the column of what past actions were on, found {item!r}, that"
            " of the shown items"
        )


def _faults_of_age(history: History, own: Mapping[str, Feature]) -> Iterator[str]:
    if history.at is not None and history.age is None:
        yield "history: at: expected `age` as well, the name of the feature that takes the ages"
    if history.age is None:
        return
    age = own.get(history.age)
    if age is None:
        hint = did_you_mean(history.age, own)
        yield f"history: age: expected a feature of scope history, found {history.age!r}{hint}"
    elif age.kind not in ("numeric", "bucketed") or age.like is not None:
        yield (
            f"history: age: expected a numeric or bucketed feature that is like no other, found"
            f" {age.name!r}"
        )
    elif history.at is not None and age.column != age.name:
        yield (
            f"feature {age.name!r}: expected no column, since its ages are counted from `at` of the"
            " history"
        )


def _differences(own: Iterable[Feature], named: Mapping[str, Feature]) -> Iterator[str]:
    """What a feature says otherwise than the one that it is like."""
    for feature in own:
        if feature.like is None:
            continue
        other = named[feature.like]
        for field in SHARED_FIELDS:
            expected, found = getattr(other, field), getattr(feature, field)
            if expected != found:
                yield (
                    f"feature {feature.name!r}: {field}: expected {_as_written(expected)}, as of"
                    f" {other.name!r}, which it is like; found {_as_written(found)}"
                )


def _as_written(value: object) -> str:
    """A value as a definition says it: `false`, not `False`."""
    return repr(value) if isinstance(value, str) else json.dumps(value)


def _attributes(listings: object, features: Sequence[object]) -> dict[str, object]:
    """Attributes of listings that become features of their names, since none has their column."""
    own = [feature for feature in features if _field(feature, "scope") != "history"]
    columns = {str(_field(feature, "column") or _field(feature, "name")) for feature in own}
    attributes = _field(listings, "attributes")
    names = attributes if isinstance(attributes, list | tuple) else ()
    return {name: {"kind": "categorical"} for name in map(str, names) if name not in columns}


def _like(feature: object, named: Mapping[str, object]) -> object:
    if _field(feature, "like") is None:
        return feature
    like = str(_field(feature, "like"))
    if like not in named:
        raise ValueError(
            f"feature {_field(feature, 'name')!r}: like: expected an item feature, found {like!r}"
            f"{did_you_mean(like, named)}"
        )
    if not isinstance(feature, Mapping):
        return feature
    other = named[like]
    shared = {field: _field(other, field) for field in SHARED_FIELDS}
    return {**{field: value for field, value in shared.items() if value is not None}, **feature}


def _field(feature: object, field: str) -> Any:
    """A field of a feature, validated or not."""
    if isinstance(feature, Mapping):
        return feature.get(field)
    return getattr(feature, field, None)
