"""What a dataset must hold beyond the form of each of its fields."""

from typing import TYPE_CHECKING

from data.definition import keys
from data.definition.history import check_history
from data.definition.item_kinds import check_kinds
from data.definition.roles import reserved_keys, reserved_times, role_columns
from data.similar_names import did_you_mean

if TYPE_CHECKING:
    from data.definition.dataset import Dataset


def check_dataset(dataset: "Dataset") -> None:
    """Checks that names and columns have one meaning each, and that what needs others has them.

    Args:
        dataset: the definition.

    Raises:
        ValueError: names the field, what was expected and what was found.
    """
    names = [feature.name for feature in dataset.features]
    refuse_repeated("features", names)
    refuse_repeated("country_features", list(dataset.country_features))
    refuse_repeated("tasks", [task.name for task in dataset.tasks])
    _refuse_twins("features", names)
    _check_reserved(dataset, names)
    if not dataset.item_features:
        raise ValueError("features: expected one of scope item or more, found none")
    _check_columns(dataset)
    check_history(dataset.history, dataset.features, dataset.item)
    _check_country_features(dataset)
    check_kinds(dataset)
    grades = [task.grade for task in dataset.tasks]
    if grades != sorted(grades):
        raise ValueError(f"tasks: grades must not fall from task to task, found {grades}")


def _check_country_features(dataset: "Dataset") -> None:
    context = {feature.name: feature for feature in dataset.context_features}
    for name in dataset.country_features:
        if name not in context:
            raise ValueError(
                f"country_features: expected context features, found {name!r}"
                f"{did_you_mean(name, context)}"
            )
        if context[name].side is not None:
            raise ValueError(f"feature {name!r}: a country feature has no side")


def _check_reserved(dataset: "Dataset", names: list[str]) -> None:
    reserved = reserved_keys(task.name for task in dataset.tasks)
    for feature in dataset.features:
        reserved.update(feature.derived_names)
    if dataset.timed:
        reserved |= reserved_times(task.name for task in dataset.tasks)
    if dataset.history is not None:
        reserved.add(keys.HISTORY)
    taken = set(names) & reserved
    if taken:
        raise ValueError(f"features: {sorted(taken)} are reserved names; give another `name`")


def _check_columns(dataset: "Dataset") -> None:
    columns = {feature.column for feature in dataset.features}
    if dataset.history is not None:
        columns.update(column for _, column in dataset.history.columns)
        if dataset.history.at is not None and dataset.time is None:
            raise ValueError("history: at: expected `time`, when lists were shown; found none")
    _check_task_columns(dataset, columns)
    _check_times(dataset, columns)
    if dataset.position in columns:
        raise ValueError(f"position: {dataset.position!r} must never be a feature")
    leaking = sorted(columns & set(dataset.left_out))
    if leaking:
        raise ValueError(f"left_out: {leaking} are features as well")
    if dataset.split.by == "time" and dataset.time is None:
        raise ValueError("split: by time, but no `time` is defined")
    if dataset.split.by == "user" and dataset.user is None:
        raise ValueError("split: by user, but no `user` is defined")
    if dataset.domestic and dataset.item_region:
        raise ValueError("domestic and item_region: only one of the two can be given")
    if dataset.item_region and not dataset.region:
        raise ValueError("item_region needs `region` to compare with")


def _check_task_columns(dataset: "Dataset", columns: set[str]) -> None:
    roles = {column for _, column in role_columns(dataset)}
    for task in dataset.tasks:
        if {task.column, task.true_probability} & columns:
            raise ValueError(f"task {task.name!r}: its column must not be a feature")
        if task.column in roles:
            raise ValueError(f"task {task.name!r}: its column {task.column!r} has another role")
    done = [task.column for task in dataset.tasks if task.undone_by is None]
    refuse_repeated("tasks: columns", done)


def _check_times(dataset: "Dataset", columns: set[str]) -> None:
    taken = {column for _, column in role_columns(dataset)}
    taken |= {task.column for task in dataset.tasks if task.column != task.column_of("at")}
    for task in dataset.tasks:
        if task.timed and dataset.time is None:
            raise ValueError(
                f"task {task.name!r}: expected `time`, when lists were shown, beside at or"
                " matures_after; found none"
            )
        for column in task.time_columns:
            if column in columns:
                raise ValueError(
                    f"task {task.name!r}: {column!r} is known only afterwards and must not be"
                    " a feature"
                )
            if column in taken or column in dataset.left_out:
                raise ValueError(f"task {task.name!r}: its time {column!r} has another role")
    windows = [task.window for task in dataset.tasks if task.window is not None]
    if dataset.actions_imply_previous and windows != sorted(windows):
        raise ValueError(
            "tasks: matures_after must not fall from task to task where an action implies the"
            f" previous ones, found {[task.matures_after for task in dataset.tasks]}"
        )
    if dataset.seen_until != "newest" and not dataset.timed:
        raise ValueError("seen_until: no task has `at` or `matures_after`")


def refuse_repeated(field: str, names: list[str]) -> None:
    """Raises a ValueError where a name is there twice."""
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"{field}: {repeated} are named twice")


def _refuse_twins(field: str, names: list[str]) -> None:
    """TensorFlow takes names that differ in capital letters alone for one argument."""
    lower = [name.lower() for name in names]
    twins = sorted(name for name in names if lower.count(name.lower()) > 1)
    if twins:
        raise ValueError(
            f"{field}: {twins} differ in capital letters alone; give one another `name`"
        )
