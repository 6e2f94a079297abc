"""A ranking dataset: what the columns of search logs mean. Loaded from one YAML file."""

import datetime
from collections.abc import Iterator
from typing import Literal

from pydantic import Field, field_validator, model_validator

from data.definition.base import LONGEST_NAME, Definition
from data.definition.dataset_checks import check_dataset, refuse_repeated
from data.definition.feature import Feature
from data.definition.history import History, with_shared_fields
from data.definition.item_kinds import kind_feature
from data.definition.item_listings import ItemListings
from data.definition.splitting import Split
from data.definition.task import Column, Task
from data.definition.time_column import Time


class Dataset(Definition):
    """The definition of one dataset.

    Attributes:
        name: name of the dataset.
        source: reader of the raw files: `table` (CSV or Parquet by the file's ending) or the name
            of a format of its own in `data/sources`.
        csv_separator: what separates the values of CSV files: a comma, semicolon, tab or `|`.
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
        history: how the lists of past actions are read, the values of features of scope `history`;
            None where there are no such features.
        list_weight: column with a weight for each list.
        item_region: column with an item's region; it is domestic where it equals the list's.
        domestic: column that says whether an item is domestic (0 or 1).
        kind_of_item: the column that says of which kind an item is (product, shop, article, ...),
            where lists mix kinds with features of their own, see `kinds` of a feature; also the
            column of a categorical item feature.
        item: column that identifies an item: a list has one entry an item, with the strongest
            action of all its rows.
        position: column with the position at which an item was shown; never a feature.
        user: column of the user or session.
        randomised: column that marks lists shown in random order (0 or 1).
        longest_training_list: items that a training list keeps at most, by shown position, else
            by the order in the files; None keeps all.
        seen_until: where tasks have times: until when the logs have seen what was done; a moment,
            or `newest`: the newest time in them. Files of `--eval-input` have been seen until
            their own newest time.
        split: training, validation and evaluation lists.
        most_bad_rows: share of rows set aside above which a run stops; default 0.01.
        most_equal_rows: without `item`, share of lists with rows that are equal in all columns
            above which a run stops; default 0.5.
        fewest_files: files that the lists are written to at least; training on several workers
            wants as many as workers, and small data on an engine of Beam is written in parallel.
        listings: listings of the items, whose attributes are joined to the items by `item`.
        left_out: columns that are not used, each with the reason.
        description: one line about the data.
    """

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=LONGEST_NAME)
    description: str = ""
    source: Literal["table", "google_store", "aliexpress", "ali_ccp", "trivago"] = "table"
    csv_separator: Literal[",", ";", "\t", "|"] = ","
    null_values: tuple[str, ...] = ("", "NULL", "null", "NaN", "nan", "None")
    list_id: tuple[Column, ...] = Field(min_length=1)
    time: Time | None = None
    tasks: tuple[Task, ...] = Field(min_length=1)
    actions_imply_previous: bool = True
    region: Column | None = None
    country_features: tuple[str, ...] = ()
    platform: Column | None = None
    features: tuple[Feature, ...] = Field(min_length=1)
    history: History | None = None
    list_weight: Column | None = None
    item_region: Column | None = None
    domestic: Column | None = None
    kind_of_item: Column | None = None
    item: Column | None = None
    position: Column | None = None
    user: Column | None = None
    randomised: Column | None = None
    longest_training_list: int | None = Field(default=None, ge=1)
    seen_until: datetime.datetime | Literal["newest"] = "newest"
    split: Split = Split()
    most_bad_rows: float = Field(default=0.01, ge=0, le=1)
    most_equal_rows: float = Field(default=0.5, ge=0, le=1)
    fewest_files: int = Field(default=1, ge=1, le=4096)
    listings: ItemListings | None = None
    left_out: dict[str, str] = {}

    @field_validator("list_id", mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="before")
    @classmethod
    def _share_fields(cls, values: object) -> object:
        return with_shared_fields(values) if isinstance(values, dict) else values

    @model_validator(mode="after")
    def _check(self) -> "Dataset":
        if self.listings is not None:
            object.__setattr__(self, "features", with_attributes(self, self.listings))
        check_dataset(self)
        return self

    @property
    def joined_features(self) -> tuple[Feature, ...]:
        """Features whose values the listings of the items state, not the logs."""
        named = self.listings.attributes if self.listings else ()
        return tuple(one for one in self.item_features if one.column in named)

    @property
    def as_sent(self) -> "Dataset":
        """The definition of lists that state all features themselves, as those of requests do."""
        return self.model_copy(update={"listings": None})

    @property
    def timed(self) -> bool:
        """Whether any task says anything of times."""
        return any(task.timed for task in self.tasks)

    def time_of(self, column: str | Time) -> Time:
        """How a column of times is read: as that of the lists, where nothing else is said."""
        if isinstance(column, Time):
            return column
        assert self.time is not None
        return self.time.model_copy(update={"column": column})

    def action_times(self) -> Iterator[tuple[Task, str, Time]]:
        """Each task's times: the task, the field that names it, and how it is read."""
        for task in self.tasks:
            for field, column in (("at", task.at), ("undone_by", task.undone_by)):
                if column is not None:
                    yield task, field, self.time_of(column)

    def stage_before(self, task: Task) -> Task | None:
        """The task whose action must be done first, and is then done or taken back.

        Of a task with `undone_by` that is the earlier one with its column; else the previous one
        where actions imply the previous.
        """
        earlier = self.tasks[: self.tasks.index(task)]
        if task.undone_by is not None:
            same = [one for one in earlier if one.column == task.column and not one.undone_by]
            return same[-1] if same else None
        return earlier[-1] if earlier and self.actions_imply_previous else None

    def limits_action(self, task: Task) -> Task:
        """The task within whose window the action of a task must be done.

        That is the task itself; or, since what is taken back must have counted as done, the one
        before where its window is shorter.
        """
        before = self.stage_before(task) if task.undone_by else None
        windowed = [one for one in (task, before) if one is not None and one.window is not None]
        return min(windowed, key=lambda one: one.window or 0, default=task)

    def feature(self, name: str) -> Feature:
        """The feature of that name; raises KeyError where there is none."""
        return {feature.name: feature for feature in self.features}[name]

    @property
    def kind_feature(self) -> Feature | None:
        """The feature that says of which kind an item is; None where no column says it."""
        return kind_feature(self)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of items that features name, in the order in which they do."""
        named = (kind for feature in self.features for kind in feature.kinds or ())
        return tuple(dict.fromkeys(named))

    @property
    def context_features(self) -> tuple[Feature, ...]:
        """Features with one value a list."""
        return tuple(f for f in self.features if f.scope == "context")

    @property
    def item_features(self) -> tuple[Feature, ...]:
        """Features with one value an item."""
        return tuple(f for f in self.features if f.scope == "item")

    @property
    def history_features(self) -> tuple[Feature, ...]:
        """Features with one value for each past action."""
        return tuple(f for f in self.features if f.scope == "history")

    def learnt_as(self, feature: Feature) -> Feature:
        """The feature whose vocabulary, moments and embedding a feature has: itself, or `like`."""
        return feature if feature.like is None else self.feature(feature.like)

    @property
    def categorical_features(self) -> tuple[Feature, ...]:
        """Features with a vocabulary."""
        return tuple(f for f in self.features if f.kind == "categorical")


def with_attributes(dataset: Dataset, listings: ItemListings) -> tuple[Feature, ...]:
    """The features of a dataset, with one for each attribute that its listings give the items.

    Args:
        dataset: the dataset.
        listings: its listings.

    Returns:
        The features that are defined, and categorical ones for the other attributes.

    Raises:
        ValueError: the dataset does not say what identifies an item, or a feature of an attribute
            is of another scope or kind.
    """
    if dataset.item is None:
        raise ValueError("listings: expected `item`, the column of the item's id; found none")
    refuse_repeated("listings.attributes", list(listings.attributes))
    # Past actions may state the attribute as well.
    features = [feature for feature in dataset.features if feature.scope != "history"]
    defined = {feature.column: feature for feature in features}
    for name in listings.attributes:
        if name in defined and (defined[name].scope, defined[name].kind) != ("item", "categorical"):
            raise ValueError(
                f"listings.attributes: expected a categorical item feature of {name!r}, since"
                f" attributes are texts of items; found {defined[name].form}"
            )
    made = [
        Feature(name=name, scope="item", kind="categorical")
        for name in listings.attributes
        if name not in defined
    ]
    return (*dataset.features, *made)
