"""Which columns hold past actions: lists, or texts with a separator, all equally long."""

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from data.inspection import roles
from data.inspection.kinds import kind, unusable

SEPARATORS = ("|", ";")
# Share of the rows in which parallel lists have as many entries.
_MOSTLY = 0.99
# Share of unequal ones up to which another column seems meant to be parallel.
_NEARLY = 0.5
# Whole numbers from here on are ids where ids have the same values.
_LARGE = 1_000
_AGE = re.compile(r"(^|_)(ago|age|ages|since|elapsed|recency)($|_)")


@dataclass(frozen=True)
class Histories:
    """Columns of lists that are equally long.

    Attributes:
        columns: by column of the logs, the entries of each row [N] as lists.
        separator: what stands between them where they are text; None where they are lists.
        unequal: share of the histories in which a column that looks like theirs has another number
            of entries.
    """

    columns: dict[str, pd.Series] = field(default_factory=dict)
    separator: str | None = None
    unequal: dict[str, float] = field(default_factory=dict)

    def of_lists(self, sample: pd.DataFrame, list_id: str, taken: set[str]) -> "Histories":
        """Those of the columns that have one value a list, and no role."""

        def fits(name: str) -> bool:
            return name not in taken and roles.constant_within(sample, sample[list_id], name)

        columns = {name: values for name, values in self.columns.items() if fits(name)}
        unequal = {name: share for name, share in self.unequal.items() if columns and fits(name)}
        return Histories(columns, self.separator, unequal)

    def entries(self, column: str, rows: pd.Series) -> pd.Series:
        """The entries of some rows, bool [N], one under the other."""
        values = self.columns[column][rows].explode()
        return values[values.notna() & (values != "")].infer_objects()


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


def find_histories(sample: pd.DataFrame) -> Histories:
    """Finds columns of lists of differing lengths that have as many entries as each other.

    Args:
        sample: the first rows of the logs.

    Returns:
        The largest group of such columns; none of them where there are none.
    """
    nested = {
        str(name): _as_lists(sample[name]) for name in sample if roles.is_nested(sample[name])
    }
    found = [_largest_group(nested)]
    for separator in SEPARATORS:
        texts = {
            str(name): _split(sample[name], separator)
            for name in sample
            if sample[name].dtype == object and _has(sample[name], separator)
        }
        group = _largest_group(texts, separator)
        # One column of texts with semicolons may as well be of sentences.
        if separator == SEPARATORS[0] or len(group.columns) > 1:
            found.append(group)
    return max(found, key=lambda one: len(one.columns))


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
            entries = _times(_numbers(entries))
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


_ROLES = {
    "at": "has the times of the entries",
    "item": "has ids of items: the own action of a list in its history sets it aside",
}


def _role(
    section: dict[str, Any],
    column: str,
    entries: pd.Series,
    definition: dict[str, Any],
    sample: pd.DataFrame,
) -> str | None:
    """What a column of histories is other than a feature."""
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
    like = like or _like(column, fields["kind"], features)
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


def _like(column: str, found: str, features: Sequence[dict[str, Any]]) -> str | None:
    """The item feature of that kind, with whose column the name of a column of histories ends."""
    for feature in features:
        own = _words(feature.get("column", feature["name"]))
        ends = _last(column) == own or _words(column).endswith(f"_{own}")
        if ends and (feature["scope"], feature["kind"]) == ("item", found):
            return str(feature["name"])
    return None


def _largest_group(columns: dict[str, pd.Series], separator: str | None = None) -> Histories:
    """Of columns of lists, the largest group whose lengths are the same, and differ by row.

    Columns with as many entries in half of the rows or more, but not in nearly all, are `unequal`.
    """
    lengths = {name: values.map(len).to_numpy() for name, values in columns.items()}
    varying = {name: found for name, found in lengths.items() if len(np.unique(found)) > 1}
    best: list[str] = []
    for found in varying.values():
        group = [name for name, other in varying.items() if _unequal(found, other) <= 1 - _MOSTLY]
        if len(group) > len(best) and not _may_be_vectors(columns, group, separator):
            best = group
    unequal = {}
    if best:
        others = [name for name in varying if name not in best]
        shares = {name: _unequal(varying[best[0]], varying[name]) for name in others}
        unequal = {name: share for name, share in shares.items() if share <= _NEARLY}
    return Histories({name: columns[name] for name in best}, separator, unequal)


def _unequal(first: np.ndarray, second: np.ndarray) -> float:
    """The share of rows with lists of other lengths, of those with more than one entry in one."""
    longest = np.maximum(first, second)
    some = longest > 1
    different = np.maximum(first, 1) != np.maximum(second, 1)
    return float(different[some].mean()) if some.any() else 0.0


def _may_be_vectors(
    columns: dict[str, pd.Series], group: Sequence[str], separator: str | None
) -> bool:
    """Whether texts are all of as many parts, as vectors are, and paths of categories."""
    if separator is None:
        return False
    lengths = columns[group[0]].map(len)
    if lengths[lengths > 0].nunique() > 1:
        return False
    entries = (columns[name].explode().dropna() for name in group)
    return len(group) == 1 or all(pd.api.types.is_numeric_dtype(_numbers(one)) for one in entries)


def _as_lists(values: pd.Series) -> pd.Series:
    return values.map(lambda one: list(one) if isinstance(one, np.ndarray | list) else [])


def _has(values: pd.Series, separator: str) -> bool:
    """Whether a column is of texts with a separator."""
    texts = values.dropna()
    if texts.empty or not texts.map(lambda one: isinstance(one, str)).all():
        return False
    return bool(texts.str.contains(separator, regex=False).any())


def _split(values: pd.Series, separator: str) -> pd.Series:
    return values.map(lambda one: one.split(separator) if isinstance(one, str) and one else [])


def _numbers(entries: pd.Series) -> pd.Series:
    """Texts as numbers where all of them are."""
    numbers = pd.to_numeric(entries, errors="coerce")
    return entries if numbers.isna().any() else numbers


def _times(entries: pd.Series) -> pd.Series:
    """Texts as times where all of them are, in ISO form."""
    if entries.empty or pd.api.types.is_numeric_dtype(entries):
        return entries
    texts = pa.array(entries.astype(str))
    for zone in (None, "UTC"):
        with contextlib.suppress(pa.ArrowInvalid):
            times = texts.cast(pa.timestamp("us", zone)).to_pandas()
            return times.set_axis(entries.index)
    return entries


def _is_age(column: str) -> bool:
    return bool(_AGE.search(_words(column)))


def _words(column: str) -> str:
    return re.sub(r"\W+", "_", column.lower())


def _last(column: str) -> str:
    """The last part of a dotted name."""
    return _words(column.rpartition(".")[2])
