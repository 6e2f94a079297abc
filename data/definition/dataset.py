"""A ranking dataset: what the columns of search logs mean. Loaded from one YAML file."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from data.definition.base import LONGEST_NAME, Definition
from data.definition.feature import Feature
from data.definition.roles import reserved_keys, role_columns
from data.definition.splitting import Split
from data.definition.time_column import Time
from data.similar_names import did_you_mean

Column = Annotated[str, Field(min_length=1)]


class Task(Definition):
    """One action, such as a click or a purchase.

    Attributes:
        name: name of the task in outputs and metrics; letters, digits and underscores.
        column: the column of the logs: 0 or 1 (or false / true, or a count), empty where unknown;
            the name itself by default.
        grade: relevance of an item on which this action was the furthest; at least 1, and not
            falling from task to task. An item's relevance is the largest grade reached, its
            gain 2^relevance - 1.
        true_probability: a column with the action's true probability, which only a simulation
            knows; evaluation then reports the share of the possible NDCG that was reached.
    """

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=LONGEST_NAME)
    column: str = ""
    grade: int = Field(ge=1, le=30)
    true_probability: str | None = None

    def model_post_init(self, context: object) -> None:
        """Takes the name as the column where none is given."""
        if not self.column:
            object.__setattr__(self, "column", self.name)


class Dataset(Definition):
    """The definition of one dataset.

    Attributes:
        name: name of the dataset.
        source: reader of the raw files: `table` (CSV or Parquet by the file's ending) or the name
            of a format of its own in `data/sources`.
        null_values: texts that stand for a missing value.
        list_id: the columns that together name one search result page.
        time: when the list was shown; None where the logs do not say.
        tasks: the ordered actions.
        actions_imply_previous: whether an action implies the tasks before it (labels are filled
            upwards). It also sets the default of the model's descending probability.
        region: the column that slices and the feature split go by; None for a single region.
        country_features: names of the features that describe the region; they drive the mask.
        platform: the column of the platform (web, app, ...).
        features: the model's inputs.
        list_weight: column with a weight for each list.
        item_region: column with an item's region; it is domestic where it equals the list's.
        domestic: column that says whether an item is domestic (0 or 1).
        item: column that identifies an item: a list has one entry an item, with the strongest
            action of all its rows.
        position: column with the position at which an item was shown; never a feature.
        user: column of the user or session.
        randomised: column that marks lists shown in random order (0 or 1).
        longest_training_list: items that a training list keeps at most, by shown position, else
            by the order in the files; None keeps all.
        split: training, validation and evaluation lists.
        most_bad_rows: share of rows set aside above which a run stops; default 0.01.
        most_equal_rows: without `item`, share of lists with rows that are equal in all columns
            above which a run stops; default 0.5.
        fewest_files: files that the lists are written to at least; training on several workers
            wants as many as workers, and small data on an engine of Beam is written in parallel.
        left_out: columns that are not used, each with the reason.
        description: one line about the data.
    """

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=LONGEST_NAME)
    description: str = ""
    source: Literal["table", "google_store", "aliexpress", "ali_ccp", "trivago"] = "table"
    null_values: tuple[str, ...] = ("", "NULL", "null", "NaN", "nan", "None")
    list_id: tuple[Column, ...] = Field(min_length=1)
    time: Time | None = None
    tasks: tuple[Task, ...] = Field(min_length=1)
    actions_imply_previous: bool = True
    region: Column | None = None
    country_features: tuple[str, ...] = ()
    platform: Column | None = None
    features: tuple[Feature, ...] = Field(min_length=1)
    list_weight: Column | None = None
    item_region: Column | None = None
    domestic: Column | None = None
    item: Column | None = None
    position: Column | None = None
    user: Column | None = None
    randomised: Column | None = None
    longest_training_list: int | None = Field(default=None, ge=1)
    split: Split = Split()
    most_bad_rows: float = Field(default=0.01, ge=0, le=1)
    most_equal_rows: float = Field(default=0.5, ge=0, le=1)
    fewest_files: int = Field(default=1, ge=1, le=4096)
    left_out: dict[str, str] = {}

    @field_validator("list_id", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check(self) -> "Dataset":
        names = [feature.name for feature in self.features]
        _refuse_repeated("features", names)
        _refuse_repeated("country_features", list(self.country_features))
        _refuse_repeated("tasks", [task.name for task in self.tasks])
        _refuse_twins("features", names)
        self._check_reserved(names)
        if not self.item_features:
            raise ValueError("features: expected one of scope item or more, found none")
        self._check_columns()
        context = {feature.name: feature for feature in self.context_features}
        for name in self.country_features:
            if name not in context:
                raise ValueError(
                    f"country_features: expected context features, found {name!r}"
                    f"{did_you_mean(name, context)}"
                )
            if context[name].side is not None:
                raise ValueError(f"feature {name!r}: a country feature has no side")
        grades = [task.grade for task in self.tasks]
        if grades != sorted(grades):
            raise ValueError(f"tasks: grades must not fall from task to task, found {grades}")
        return self

    def _check_reserved(self, names: list[str]) -> None:
        reserved = reserved_keys(task.name for task in self.tasks)
        for feature in self.features:
            reserved.update(feature.derived_names)
        taken = set(names) & reserved
        if taken:
            raise ValueError(f"features: {sorted(taken)} are reserved names; give another `name`")

    def _check_columns(self) -> None:
        columns = {feature.column for feature in self.features}
        self._check_task_columns(columns)
        if self.position in columns:
            raise ValueError(f"position: {self.position!r} must never be a feature")
        leaking = sorted(columns & set(self.left_out))
        if leaking:
            raise ValueError(f"left_out: {leaking} are features as well")
        if self.split.by == "time" and self.time is None:
            raise ValueError("split: by time, but no `time` is defined")
        if self.split.by == "user" and self.user is None:
            raise ValueError("split: by user, but no `user` is defined")
        if self.domestic and self.item_region:
            raise ValueError("domestic and item_region: only one of the two can be given")
        if self.item_region and not self.region:
            raise ValueError("item_region needs `region` to compare with")

    def _check_task_columns(self, columns: set[str]) -> None:
        roles = {column for _, column in role_columns(self)}
        for task in self.tasks:
            if {task.column, task.true_probability} & columns:
                raise ValueError(f"task {task.name!r}: its column must not be a feature")
            if task.column in roles:
                raise ValueError(f"task {task.name!r}: its column {task.column!r} has another role")
        _refuse_repeated("tasks: columns", [task.column for task in self.tasks])

    def feature(self, name: str) -> Feature:
        """The feature of that name; raises KeyError where there is none."""
        return {feature.name: feature for feature in self.features}[name]

    @property
    def context_features(self) -> tuple[Feature, ...]:
        """Features with one value a list."""
        return tuple(f for f in self.features if f.scope == "context")

    @property
    def item_features(self) -> tuple[Feature, ...]:
        """Features with one value an item."""
        return tuple(f for f in self.features if f.scope == "item")

    @property
    def categorical_features(self) -> tuple[Feature, ...]:
        """Features with a vocabulary."""
        return tuple(f for f in self.features if f.kind == "categorical")


def _refuse_repeated(field: str, names: list[str]) -> None:
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
