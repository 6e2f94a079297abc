"""Which columns hold past actions: lists, or texts with a separator, all equally long."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from data.inspection import roles
from data.inspection.kinds import kind, unusable

SEPARATORS = ("|", ";")
# Share of the rows in which parallel lists have as many entries.
_MOSTLY = 0.99
_AGE = re.compile(r"(^|_)(ago|age|ages|since|elapsed|recency)($|_)")


@dataclass(frozen=True)
class Histories:
    """Columns of lists that are equally long.

    Attributes:
        columns: by column of the logs, the entries of each row [N] as lists.
        separator: what stands between them where they are text; None where they are lists.
    """

    columns: dict[str, pd.Series] = field(default_factory=dict)
    separator: str | None = None

    def of_lists(self, sample: pd.DataFrame, list_id: str, taken: set[str]) -> "Histories":
        """Those of the columns that have one value a list, and no role."""
        columns = {
            name: values
            for name, values in self.columns.items()
            if name not in taken and roles.constant_within(sample, sample[list_id], name)
        }
        return Histories(columns, self.separator)

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
    found = [Histories(_largest_group(nested))]
    for separator in SEPARATORS:
        texts = {
            str(name): _split(sample[name], separator)
            for name in sample
            if sample[name].dtype == object and _has(sample[name], separator)
        }
        group = _largest_group(texts)
        # One column of texts with semicolons may as well be of sentences.
        if separator == SEPARATORS[0] or len(group) > 1:
            found.append(Histories(group, separator))
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
            entries = _numbers(entries)
        role = _role(guess.section, column, entries, definition, sample)
        if role is not None:
            guess.section[role] = column
            told.append(f"{column} {_ROLES[role]}")
        if role is None or (role == "item" and _like(column, "categorical", features)):
            _add_feature(guess, names[column], column, entries, features)
    _add_age(guess, names)
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
        if named and known.mean() > 0.5:
            return "item"
    return None


def _add_feature(
    guess: GuessedHistory,
    name: str,
    column: str,
    entries: pd.Series,
    features: Sequence[dict[str, Any]],
) -> None:
    if why := unusable(column, entries):
        guess.left_out[column] = why
        return
    fields, reason = kind(column, entries)
    own: dict[str, Any] = {"name": name} | ({} if name == column else {"column": column})
    like = _like(column, fields["kind"], features)
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


def _largest_group(columns: dict[str, pd.Series]) -> dict[str, pd.Series]:
    """Of columns of lists, the largest group whose lengths are the same, and differ by row."""
    lengths = {name: values.map(len).to_numpy() for name, values in columns.items()}
    varying = [name for name, found in lengths.items() if len(np.unique(found)) > 1]
    best: list[str] = []
    for name in varying:
        group = [
            other
            for other in varying
            if np.mean(np.maximum(lengths[name], 1) == np.maximum(lengths[other], 1)) >= _MOSTLY
        ]
        best = group if len(group) > len(best) else best
    return {name: columns[name] for name in best}


def _as_lists(values: pd.Series) -> pd.Series:
    return values.map(lambda one: list(one) if isinstance(one, np.ndarray | list) else [])


def _has(values: pd.Series, separator: str) -> bool:
    """Whether texts have a separator, and not all as often, as the numbers of a vector would."""
    texts = values.dropna()
    if texts.empty or not texts.map(lambda one: isinstance(one, str)).all():
        return False
    counts = texts.str.count(re.escape(separator))
    return bool(counts.max() > 0 and counts.nunique() > 1)


def _split(values: pd.Series, separator: str) -> pd.Series:
    return values.map(lambda one: one.split(separator) if isinstance(one, str) and one else [])


def _numbers(entries: pd.Series) -> pd.Series:
    """Texts as numbers where all of them are."""
    numbers = pd.to_numeric(entries, errors="coerce")
    return entries if numbers.isna().any() else numbers


def _is_age(column: str) -> bool:
    return bool(_AGE.search(_words(column)))


def _words(column: str) -> str:
    return re.sub(r"\W+", "_", column.lower())


def _last(column: str) -> str:
    """The last part of a dotted name."""
    return _words(column.rpartition(".")[2])
