"""What the entries of histories are: times, ids of items, ages, features, and the reasons."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from data.definition.time_column import Time
from data.inspection import roles
from data.inspection.histories import Histories, numbers
from data.inspection.kinds import kind, unusable
from data.rows.raw import RawColumn
from data.rows.times import as_seconds

# Whole numbers from here on are ids where ids have the same values.
_LARGE = 1_000
_AGE = re.compile(r"(^|_)(ago|age|ages|since|elapsed|recency)($|_)")
_ROLES = {
    "at": "has the times of the entries",
    "item": "has ids of items: the own action of a list in its history sets it aside",
}


@dataclass
class GuessedHistory:
    """What was guessed of the histories.

    Attributes:
        section: the section `history`.
        reason: why.
        features: its features.
        reasons: why, by the name of a feature.
        left_out: columns that are no features, each with the reason.
    """

    section: dict[str, Any]
    reason: str
    features: list[dict[str, Any]]
    reasons: dict[str, str]
    left_out: dict[str, str]


def guess_history(
    histories: Histories,
    names: dict[str, str],
    lists: pd.Series,
    features: Sequence[dict[str, Any]],
    definition: dict[str, Any],
    sample: pd.DataFrame,
) -> GuessedHistory:
    """Guesses what the entries of histories are.

    Args:
        histories: the columns.
        names: names of their features by column.
        lists: the list of each row.
        features: the features of other scopes.
        definition: what has been guessed so far.
        sample: the first rows of the logs.

    Returns:
        The section, its features, and the reasons.
    """
    guess = GuessedHistory({}, "", [], {}, {})
    first = ~lists.duplicated()
    lengths = next(iter(histories.columns.values()))[first].map(len)
    told = [f"{lengths.min()} to {lengths.max()} entries a list in {', '.join(histories.columns)}"]
    if histories.separator is not None:
        guess.section["separator"] = histories.separator
    for column in histories.columns:
        entries = histories.entries(column, first)
        if histories.separator is not None:
            entries = numbers(entries)
        entries = _times(entries)
        role = _role(guess.section, column, entries, definition, sample)
        if role is not None:
            guess.section[role] = column
            told.append(f"{column} {_ROLES[role]}")
        like = _item_feature(definition, features) if role == "item" else None
        if role is None or like is not None:
            _add_feature(guess, names[column], column, entries, features, like)
    _add_age(guess, names)
    for column, share in histories.unequal.items():
        why = f"another number of entries than the history's other columns in {share:.0%} of them"
        guess.left_out[column] = why
        told.append(f"without {column}, which has {why}: all must be equally long")
    order = "entries go by their ages"
    if "age" not in guess.section:
        order = "nothing says when entries were: taken as `order: newest_first`; see that they are"
    guess.reason = "; ".join([*told, order])
    return guess


def _role(
    section: dict[str, Any],
    column: str,
    entries: pd.Series,
    definition: dict[str, Any],
    sample: pd.DataFrame,
) -> str | None:
    """What a column of histories is other than a feature."""
    if roles.is_nested(entries):
        return None
    if "time" in definition and "at" not in section and roles.is_time(entries):
        shown = sample[definition["time"]["column"]]
        return "at" if roles.time_unit(shown) is None else None
    item = definition.get("item")
    if item is not None and "item" not in section and len(entries):
        known = entries.astype(str).isin(set(sample[item].astype(str)))
        named = roles.is_id(column) or _last(column) == _last(item)
        if (named or _may_be_ids(entries)) and known.mean() > 0.5:
            return "item"
    return None


def _may_be_ids(entries: pd.Series) -> bool:
    """Whether values that are ids of items can hardly be so by chance, as small numbers can."""
    if pd.api.types.is_numeric_dtype(entries):
        return bool((entries >= _LARGE).all() and (entries % 1 == 0).all())
    return entries.nunique() >= roles.FEW


def _item_feature(definition: dict[str, Any], features: Sequence[dict[str, Any]]) -> str | None:
    """The feature that is the id of items, where it is one."""
    for feature in features:
        is_item = feature.get("column", feature["name"]) == definition["item"]
        if is_item and (feature["scope"], feature["kind"]) == ("item", "categorical"):
            return str(feature["name"])
    return None


def _add_feature(
    guess: GuessedHistory,
    name: str,
    column: str,
    entries: pd.Series,
    features: Sequence[dict[str, Any]],
    like: str | None,
) -> None:
    if why := unusable(column, entries):
        guess.left_out[column] = why
        return
    fields, reason = kind(column, entries)
    own: dict[str, Any] = {"name": name} | ({} if name == column else {"column": column})
    like = like or _like(column, fields, features)
    is_number = fields["kind"] == "numeric" and "origin" not in fields
    if like is not None:
        own |= {"scope": "history", "like": like}
        reason = f"past values of {like}, with all that is learnt of it"
    elif is_number and "age" not in guess.section and _is_age(column) and entries.min() >= 0:
        own |= {"scope": "history", "kind": "numeric", "log": True}
        guess.section["age"] = name
        reason = "by its name how long before the list each entry was"
    else:
        own |= {"scope": "history", **fields}
    guess.features.append(own)
    guess.reasons[name] = f"past actions: {reason}"


def _add_age(guess: GuessedHistory, names: dict[str, str]) -> None:
    """Times of entries give ages, unless the logs have ages as well."""
    if "at" not in guess.section:
        return
    if "age" in guess.section:
        guess.left_out[guess.section.pop("at")] = "times of past actions, of which there are ages"
        return
    taken = {name.lower() for name in names.values()}
    name = next(name for name in ("hours_ago", "history_hours_ago") if name not in taken)
    guess.section["age"] = name
    guess.features.append({"name": name, "scope": "history", "kind": "numeric", "log": True})
    guess.reasons[name] = f"past actions: hours from {guess.section['at']} to the list's time"


def _like(column: str, fields: dict[str, Any], features: Sequence[dict[str, Any]]) -> str | None:
    """The item feature of that kind, with whose column the name of a column of histories ends."""
    for feature in features:
        own = _words(feature.get("column", feature["name"]))
        ends = _last(column) == own or _words(column).endswith(f"_{own}")
        alike = all(feature.get(field) == fields.get(field) for field in ("kind", "length"))
        if ends and alike and feature["scope"] == "item":
            return str(feature["name"])
    return None


def _times(entries: pd.Series) -> pd.Series:
    """Texts as times where a run reads all of them as such."""
    if pd.api.types.infer_dtype(entries) != "string":
        return entries
    # The first one alone spares most texts the look at all of them.
    for some in (entries.iloc[:1], entries):
        texts = RawColumn(pa.array(some, pa.string()), "", "", "")
        seconds, wrong = as_seconds(texts, Time(column="at", zone="UTC"))
        if wrong.any():
            return entries
    return pd.Series(pd.to_datetime(seconds, unit="s"), entries.index)


def _is_age(column: str) -> bool:
    return bool(_AGE.search(_words(column)))


def _words(column: str) -> str:
    return re.sub(r"\W+", "_", column.lower())


def _last(column: str) -> str:
    """The last part of a dotted name."""
    return _words(column.rpartition(".")[2])
