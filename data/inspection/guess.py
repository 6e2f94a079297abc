"""A first definition of a dataset, each guess with its reason."""

import itertools
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from data.definition import keys
from data.errors import InputError
from data.inspection import roles
from data.inspection.action_times import ActionTimes, minutes_of
from data.inspection.guessed_history import guess_history
from data.inspection.histories import Histories, find_histories
from data.inspection.item_kinds import item_kinds
from data.inspection.kinds import kind, unusable
from data.inspection.names import feature_names, task_names
from data.inspection.stray import Stray, numbers_without_few


@dataclass
class Guess:
    """What was guessed.

    Attributes:
        definition: fields of a dataset's YAML.
        reasons: why, by field or by feature or column.
        windows: by task with times, the `matures_after` that its times suggest.
    """

    definition: dict[str, Any] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    windows: dict[str, str] = field(default_factory=dict)

    def set(self, name: str, value: Any, reason: str) -> None:
        """Takes a guess for a field of the definition."""
        self.definition[name] = value
        self.reasons[name] = reason


def guess_definition(sample: pd.DataFrame, name: str, separator: str = ",") -> Guess:
    """Guesses what the columns of logs mean.

    Args:
        sample: the first rows of the logs.
        name: name of the dataset.
        separator: what separates the values of CSV files.

    Returns:
        A definition to edit, with the reason for each guess.

    Raises:
        InputError: if no column looks like the id of a list or like an action.
    """
    guess = Guess()
    histories = find_histories(sample)
    numbers, stray = numbers_without_few(sample.drop(columns=list(histories.columns)))
    sample = numbers.join(sample[list(histories.columns)])[list(sample.columns)]
    guess.set("name", name, "from the file's name")
    if separator != ",":
        guess.set("csv_separator", separator, "stands between the names in the header")
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
    histories = histories.of_lists(sample, list_id, {list_id, *actions})
    taken = {list_id, *actions, *histories.columns, *histories.unequal}
    taken |= _guess_roles(guess, sample, taken)
    taken |= _guess_times(guess, sample, actions, taken)
    _guess_features(guess, sample, list_id, actions, taken)
    _guess_history(guess, sample, list_id, histories)
    _guess_split(guess, sample)
    _tell_stray(guess, stray)
    return guess


def _guess_tasks(guess: Guess, sample: pd.DataFrame, actions: list[str]) -> None:
    names = task_names(actions)
    tasks = [
        {**_named(names[column], column), "grade": grade} for grade, column in enumerate(actions, 1)
    ]
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
        columns = list(sample.columns)
        candidates = roles.times(sample) if role == "time" else roles.named(columns, role)
        for name in candidates:
            if name in taken | found or roles.is_nested(sample[name]):
                continue
            if per_list and not roles.constant_within(sample, lists, name):
                continue
            if role == "randomised" and not roles.is_binary(sample[name]):
                continue
            value = _time(sample, name) if role == "time" else name
            guess.set(role, value, "by its name" + (", one value a list" if per_list else ""))
            found.add(name)
            break
    item = roles.item_column(sample, lists, taken | found)
    if item is not None:
        reason = "by its name and since no list has it twice: one entry an item in a list"
        guess.set("item", item, reason)
    return found - {guess.definition.get("region"), guess.definition.get("platform")}


def _guess_times(
    guess: Guess, sample: pd.DataFrame, actions: list[str], taken: set[str]
) -> set[str]:
    """When actions were done and, of the last one, taken back."""
    if "time" not in guess.definition:
        return set()
    shown = guess.definition["time"]["column"]
    times = ActionTimes(sample, shown, taken)
    told: list[str] = []
    found: set[str] = set()
    tasks = guess.definition["tasks"]
    longest = "1m"
    for task, action in zip(list(tasks), actions, strict=True):
        at = times.of(action)
        if at is None or at in found:
            continue
        found.add(at)
        task["at"] = _as_lists_are(guess, sample, at)
        within = times.usual_window(at)
        told.append(f"{at} stands where {action} is 1 (99% within {within})")
        # Windows must not fall from task to task.
        longest = guess.windows[task["name"]] = max(longest, within, key=minutes_of)
        back = times.undoing(action, at) if action == actions[-1] else None
        if back is not None:
            found.add(back)
            undone = {
                field: _as_lists_are(guess, sample, column)
                for field, column in (("at", at), ("undone_by", back))
            }
            name = {"name": f"kept_{task['name']}", "column": action}
            tasks.append({**name, "grade": task["grade"] + 1, **undone})
            within = times.usual_window(back)
            told.append(f"{back} looks like taking it back (99% within {within})")
            guess.windows[name["name"]] = max(longest, within, key=minutes_of)
    if told:
        advice = "`matures_after` is after what time a label is final, see docs/late_feedback.md"
        guess.reasons["tasks"] += f"; {', '.join(told)}: {advice}"
    return found


def _as_lists_are(guess: Guess, sample: pd.DataFrame, column: str) -> str | dict[str, str]:
    """A column of times: by itself where it is read as that of the lists."""
    own, of_lists = _time(sample, column), guess.definition["time"]
    alike = {**own, "column": ""} == {**of_lists, "column": ""}
    return column if alike else own


def _time(sample: pd.DataFrame, column: str) -> dict[str, str]:
    unit = roles.time_unit(sample[column])
    return {"column": column, "unit": unit} if unit else {"column": column, "zone": "UTC"}


def _guess_features(
    guess: Guess, sample: pd.DataFrame, list_id: str, actions: list[str], taken: set[str]
) -> None:
    columns = [column for column in sample.columns if column not in taken]
    left_out = _left_out(sample, columns, actions)
    if guess.definition.get("item") in left_out:
        columns.remove(guess.definition["item"])
        left_out.pop(guess.definition["item"])
    columns = [column for column in columns if column not in left_out]
    names = feature_names(
        columns, [task["name"] for task in guess.definition["tasks"]], [keys.HISTORY]
    )
    region = guess.definition.get("region")
    features: list[dict[str, Any]] = []
    for column in columns:
        context = roles.constant_within(sample, sample[list_id], column)
        scope = {"scope": "context" if context else "item"}
        fields, reason = kind(column, sample[column])
        if column == region:
            fields, reason = {"kind": "categorical"}, "the region"
        features.append({**_named(names[column], column), **scope, **fields})
        guess.reasons[f"feature {names[column]}"] = reason
    if region in names:
        _guess_country_features(guess, sample, list_id, names)
    _guess_kinds(guess, sample, features)
    guess.set("features", features, "all other columns")
    guess.set("left_out", left_out, "not used, with the reason")


def _guess_kinds(guess: Guess, sample: pd.DataFrame, features: list[dict[str, Any]]) -> None:
    found = item_kinds(sample, features)
    if found is None:
        return
    lacking = ", ".join(found.kinds)
    guess.set("kind_of_item", found.column, f"items of some kinds have no value of {lacking}")
    for feature in features:
        kinds = found.kinds.get(feature.get("column", feature["name"]))
        if kinds is not None:
            feature["kinds"] = kinds
            guess.reasons[f"feature {feature['name']}"] += "; no value for other kinds of items"


def _guess_history(guess: Guess, sample: pd.DataFrame, list_id: str, histories: Histories) -> None:
    if not histories.columns:
        return
    features = guess.definition["features"]
    used = [feature["name"] for feature in features]
    tasks = [task["name"] for task in guess.definition["tasks"]]
    names = feature_names(list(histories.columns), tasks, [*used, keys.HISTORY])
    found = guess_history(histories, names, sample[list_id], features, guess.definition, sample)
    guess.definition["left_out"].update(found.left_out)
    if not found.features:
        return
    guess.set("history", found.section, found.reason)
    features += found.features
    for name, reason in found.reasons.items():
        guess.reasons[f"feature {name}"] = reason


def _guess_country_features(
    guess: Guess, sample: pd.DataFrame, list_id: str, names: dict[str, str]
) -> None:
    region, lists = guess.definition["region"], sample[list_id]
    describing = [
        column
        for column in names
        if column not in (region, guess.definition.get("platform"))
        and roles.constant_within(sample, lists, column)
        and roles.follows_from(sample, column, region, lists)
    ]
    for column in describing:
        guess.reasons[f"feature {names[column]}"] += f"; follows from {region}"
    reason = "the region's column; add what describes it"
    if describing:
        reason = f"the region's column, and what follows from it: {', '.join(describing)}"
    guess.set("country_features", [names[column] for column in (region, *describing)], reason)


def _left_out(sample: pd.DataFrame, columns: list[str], actions: list[str]) -> dict[str, str]:
    reasons = {
        column: roles.leak(sample, column, actions) or unusable(column, sample[column])
        for column in columns
    }
    return {column: reason for column, reason in reasons.items() if reason}


def _tell_stray(guess: Guess, stray: dict[str, Stray]) -> None:
    places = {task.get("column", task["name"]): "tasks" for task in guess.definition["tasks"]}
    for feature in guess.definition["features"]:
        places[feature.get("column", feature["name"])] = f"feature {feature['name']}"
    for column, found in stray.items():
        if column in places:
            told = f"; but for {found} in {column}: rows with them are set aside"
            guess.reasons[places[column]] += told


def _named(name: str, column: str) -> dict[str, str]:
    return {"name": name} if name == column else {"name": name, "column": column}


def _guess_split(guess: Guess, sample: pd.DataFrame) -> None:
    by = "user" if "user" in guess.definition else "list"
    reason = "by hash; better by time, with fixed dates, where the logs span two weeks or more"
    guess.set("split", {"by": by, "evaluation_share": 0.2, "validation_share": 0.1}, reason)
