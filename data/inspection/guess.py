"""A first definition of a dataset, each guess with its reason."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from scipy import stats

from data.errors import InputError
from data.inspection import roles

MOST_CATEGORIES = 1_000
SKEWED = 3.0


@dataclass
class Guess:
    """What was guessed.

    Attributes:
        definition: fields of a dataset's YAML.
        reasons: why, by field or by feature or column.
    """

    definition: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def set(self, name: str, value: Any, reason: str) -> None:
        """Takes a guess for a field of the definition."""
        self.definition[name] = value
        self.reasons[name] = reason


def guess_definition(sample: pd.DataFrame, name: str) -> Guess:
    """Guesses what the columns of logs mean.

    Args:
        sample: the first rows of the logs.
        name: name of the dataset.

    Returns:
        A definition to edit, with the reason for each guess.

    Raises:
        InputError: if no column looks like the id of a list or like an action.
    """
    guess = Guess()
    guess.set("name", name, "from the file's name")
    columns = [str(column) for column in sample.columns]
    list_id = roles.list_column(sample)
    if list_id is None:
        raise InputError(f"found no column that looks like the id of a list among {columns}")
    lists = sample[list_id].nunique()
    guess.set("list_id", [list_id], f"repeats: {len(sample) / lists:.1f} rows a list")
    actions = roles.action_columns(sample)
    if not actions:
        raise InputError(
            "found no column of 0 and 1 that is named like an action"
            f" (click, cart, purchase, booking) among {columns}"
        )
    _guess_tasks(guess, sample, actions)
    taken = {list_id, *actions} | _guess_roles(guess, sample, {list_id, *actions})
    _guess_features(guess, sample, list_id, actions, taken)
    _guess_split(guess, sample)
    return guess


def _guess_tasks(guess: Guess, sample: pd.DataFrame, actions: list[str]) -> None:
    tasks = [{"name": name, "grade": grade} for grade, name in enumerate(actions, 1)]
    counts = ", ".join(f"{name} {int(sample[name].sum())}" for name in actions)
    guess.set("tasks", tasks, f"columns of 0 and 1 ({counts}); put grades as you value them")
    implied = all(
        not ((sample[later] > 0) & (sample[earlier] == 0)).any()
        for earlier, later in itertools.pairwise(actions)
    )
    reason = "no action without the one before it" if implied else "some come without the earlier"
    guess.set("actions_imply_previous", implied, reason)


def _guess_roles(guess: Guess, sample: pd.DataFrame, taken: set[str]) -> set[str]:
    found: set[str] = set()
    lists = sample[guess.definition["list_id"][0]]
    for role in ("region", "platform", "time", "position", "user", "randomised", "list_weight"):
        per_list = role != "position"
        for name in roles.named(list(sample.columns), role):
            if name in taken | found:
                continue
            if per_list and not roles.constant_within(sample, lists, name):
                continue
            if role == "randomised" and not roles.is_binary(sample[name]):
                continue
            value = {"column": name, "zone": "UTC"} if role == "time" else name
            guess.set(role, value, "by its name" + (", one value a list" if per_list else ""))
            found.add(name)
            break
    return found - {guess.definition.get("region"), guess.definition.get("platform")}


def _guess_features(
    guess: Guess, sample: pd.DataFrame, list_id: str, actions: list[str], taken: set[str]
) -> None:
    features: list[dict[str, Any]] = []
    left_out: dict[str, str] = {}
    for name in sample.columns:
        if name in taken:
            continue
        reason = roles.leak(sample, name, actions) or _useless(name, sample[name])
        if reason:
            left_out[name] = reason
            continue
        scope = "context" if roles.constant_within(sample, sample[list_id], name) else "item"
        kind, why = _kind(name, sample[name])
        features.append({"name": name, "scope": scope, **kind})
        guess.reasons[f"feature {name}"] = why
    region = guess.definition.get("region")
    for feature in features:
        if feature["name"] == region:
            feature.update(kind="categorical")
            feature.pop("log", None)
            guess.reasons[f"feature {region}"] = "the region"
            guess.set("country_features", [region], "the region's column; add what describes it")
    guess.set("features", features, "all other columns")
    guess.set("left_out", left_out, "not used, with the reason")


def _useless(name: str, values: pd.Series) -> str | None:
    if values.isna().all():
        return "has no value in the rows looked at"
    if pd.api.types.is_datetime64_any_dtype(values):
        return "a second time; make a number or a category of it first"
    first = next(iter(values.dropna()))
    if not hasattr(first, "__len__") or isinstance(first, str):
        if values.nunique(dropna=False) == 1:
            return "has one value only in the rows looked at"
        if _is_category(name, values) and values.nunique() > MOST_CATEGORIES:
            return f"{values.nunique()} different values: an id rather than a category"
    return None


def _is_category(name: str, values: pd.Series) -> bool:
    return values.dtype == object or pd.api.types.is_bool_dtype(values) or roles.is_id(name)


def _kind(name: str, values: pd.Series) -> tuple[dict[str, Any], str]:
    first = next(iter(values.dropna()))
    if hasattr(first, "__len__") and not isinstance(first, str):
        return {"kind": "vector", "length": len(first)}, f"arrays of {len(first)} numbers"
    if _is_category(name, values):
        return {"kind": "categorical"}, f"{values.nunique()} different values"
    skewness = float(stats.skew(values.dropna().astype(float)))
    if skewness > SKEWED and float(values.min()) >= 0:
        return {"kind": "numeric", "log": True}, f"numbers, skewed ({skewness:.0f}): log"
    return {"kind": "numeric"}, "numbers"


def _guess_split(guess: Guess, sample: pd.DataFrame) -> None:
    by = "user" if "user" in guess.definition else "list"
    reason = "by hash; better by time, with fixed dates, where the logs span two weeks or more"
    guess.set("split", {"by": by, "evaluation_share": 0.2, "validation_share": 0.1}, reason)
