"""Lists and their division: of the simulated marketplace, or of logs of one's own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from benchmarks.laboratory.silent_sellers import Conditions
from benchmarks.laboratory.tastes import with_tastes
from data.definition.dataset import Dataset
from data.definition.splitting import EVALUATES, TRAINS, VALIDATES, split_lists
from data.errors import InputError
from data.lists.feedback import seen_lists
from data.lists.lists import Lists, group_rows
from data.lists.own_actions import own_actions
from data.lists.repeated_items import merge_repeated
from data.rows import canonical_rows
from data.rows.action_times import explicit_seen_until, newest
from data.simulator import SimulatorConfig, simulate, simulated_dataset
from data.simulator.config import DAYS
from data.simulator.feedback import KEPT_DAYS, seen_until
from data.sources import RowBatch, source_for

# Lists that are evaluated come from a marketplace of the same rules, drawn anew.
EVALUATION_SEED = 1_000
# Days of evaluation among all days of a simulation.
_EVALUATION_DAYS = 3 / 17


@dataclass(frozen=True)
class Preset:
    """A size.

    Attributes:
        lists: simulated lists of the logs that models learn from.
        evaluation_lists: lists that they are judged on, about.
        seeds: trainings of each model.
        epochs: epochs at most.
    """

    lists: int
    evaluation_lists: int
    seeds: int
    epochs: int


# 25 rows a list, about.
PRESETS = {
    "tiny": Preset(lists=3_000, evaluation_lists=2_000, seeds=3, epochs=12),
    "small": Preset(lists=8_000, evaluation_lists=8_000, seeds=3, epochs=12),
    "full": Preset(lists=40_000, evaluation_lists=20_000, seeds=5, epochs=10),
}


class Parts(NamedTuple):
    """Places of the lists of each part, int [..] each; together all lists, each once."""

    training: np.ndarray
    validation: np.ndarray
    evaluation: np.ndarray


@dataclass(frozen=True)
class Logs:
    """Lists and their division.

    Attributes:
        dataset: what they mean.
        lists: all lists.
        parts: which of them train, validate and are evaluated.
        complete: the same lists with all that was done after the logs were written, where a
            simulation knows it.
        conditions: what is known of the items' conditions, where sellers leave some empty.
    """

    dataset: Dataset
    lists: Lists
    parts: Parts
    complete: Lists | None = None
    conditions: Conditions | None = None


def simulated_logs(
    preset: Preset,
    changes: Mapping[str, Any] | None = None,
    tasks: Sequence[str] = (),
    learns_from: Mapping[str, Any] | None = None,
) -> Logs:
    """Lists of the simulated marketplace.

    Args:
        preset: how many.
        changes: fields of `SimulatorConfig`, such as an effect that is switched off.
        tasks: names of the tasks that are kept; all by default.
        learns_from: fields of `SimulatorConfig` of what models learn from, and are chosen by,
            alone; what they are judged on stays the same.

    Returns:
        The lists; those of evaluation days are as many as the preset asks for, of a marketplace
        drawn anew. Where users and listings come again under their ids, they are those of the same
        marketplace: another one would have others under these. Where actions come late, all that
        was done is known of those.
    """
    config = SimulatorConfig(**{"lists": preset.lists, **(changes or {})})
    if config.has_catalogue:
        return _of_one_marketplace(config, tasks)
    drawn_anew = config.model_copy(
        update={
            "lists": round(preset.evaluation_lists / _EVALUATION_DAYS),
            "seed": config.seed + EVALUATION_SEED,
        }
    )
    dataset = with_tasks(Dataset.model_validate(with_tastes(simulated_dataset(config))), tasks)
    learnt_config = config.model_copy(update=dict(learns_from or {}))
    learnt = lists_of(dataset, learnt_config)
    kept = np.flatnonzero(split_lists(dataset, learnt.context) != EVALUATES)
    learnt = learnt.take(kept)
    judged = lists_of(dataset, seen_whole(drawn_anew))
    judged = judged.take(np.flatnonzero(split_lists(dataset, judged.context) == EVALUATES))
    sides = split_lists(dataset, learnt.context)
    places = np.arange(len(judged)) + len(learnt)
    parts = Parts(np.flatnonzero(sides == TRAINS), np.flatnonzero(sides == VALIDATES), places)
    complete = None
    if learnt_config.late_feedback:
        complete = joined(lists_of(dataset, seen_whole(learnt_config)).take(kept), judged)
    lists = joined(learnt, judged)
    conditions = None
    if config.silent_sellers:
        conditions = Conditions(lists, [learnt_config, drawn_anew])
    return Logs(dataset, lists, parts, complete, conditions)


def _of_one_marketplace(config: SimulatorConfig, tasks: Sequence[str]) -> Logs:
    dataset = with_tasks(Dataset.model_validate(with_tastes(simulated_dataset(config))), tasks)
    return _divided(dataset, lists_of(dataset, config))


def _divided(dataset: Dataset, lists: Lists) -> Logs:
    """Lists, divided as their definition says."""
    sides = split_lists(dataset, lists.context)
    places = (np.flatnonzero(sides == side) for side in (TRAINS, VALIDATES, EVALUATES))
    return Logs(dataset, lists, Parts(*places))


def logs_of(dataset: Dataset, patterns: Sequence[str], tasks: Sequence[str] = ()) -> Logs:
    """Lists of files, divided as their definition says.

    Args:
        dataset: the definition.
        patterns: files, patterns or folders.
        tasks: names of the tasks that are kept; all by default.

    Returns:
        The lists.
    """
    dataset = with_tasks(dataset, tasks)
    return _divided(dataset, read_lists(dataset, patterns))


def read_lists(dataset: Dataset, patterns: Sequence[str]) -> Lists:
    """Reads all lists; rows that cannot be used are left out, rows of one item are merged.

    Args:
        dataset: the dataset.
        patterns: files, globs or folders.

    Returns:
        The lists.

    Raises:
        InputError: there is no file, a file does not fit, or no row can be used.
    """
    source = source_for(dataset)
    files = source.files(patterns)
    source.check(files)
    rows = [
        canonical_rows(dataset, batch, seen_until=explicit_seen_until(dataset)).rows
        for file in files
        for shard in source.shards(file)
        for batch in source.read(shard)
    ]
    table = pa.concat_tables(rows)
    if not table.num_rows:
        raise InputError(f"{list(patterns)}: expected rows that can be used, found none")
    lists = group_rows(dataset, table)
    lists, _ = merge_repeated(dataset, lists.take(np.flatnonzero(~own_actions(dataset, lists))))
    until = explicit_seen_until(dataset)
    return seen_lists(dataset, lists, newest(dataset, table) if until is None else until)


def with_tasks(dataset: Dataset, tasks: Sequence[str]) -> Dataset:
    """The dataset with some of its tasks; with all where none is named.

    Args:
        dataset: the dataset.
        tasks: names of tasks.

    Returns:
        The dataset.

    Raises:
        InputError: it lacks one of them.
    """
    known = [task.name for task in dataset.tasks]
    if set(tasks) - set(known):
        raise InputError(f"{dataset.name}: expected tasks {list(tasks)}, found {known}")
    kept = [task for task in dataset.tasks if not tasks or task.name in tasks]
    return dataset.model_copy(update={"tasks": tuple(kept)})


def lists_of(dataset: Dataset, config: SimulatorConfig) -> Lists:
    """The lists of a marketplace, as its logs have seen them."""
    batches = [RowBatch(f"seed {config.seed}", 1, table) for table in simulate(config)]
    rows = [canonical_rows(dataset, batch).rows for batch in batches]
    lists = group_rows(dataset, pa.concat_tables(rows))
    return seen_lists(dataset, lists, seen_until(config).timestamp() if dataset.timed else None)


def seen_whole(config: SimulatorConfig) -> SimulatorConfig:
    """The marketplace whose logs are written once all windows have closed."""
    later = {"seen_days": DAYS + KEPT_DAYS + 1.0} if config.late_feedback else {}
    return config.model_copy(update=later)


def joined(first: Lists, second: Lists) -> Lists:
    """All lists of both."""

    def stacked(name: str) -> pa.RecordBatch:
        tables = [pa.Table.from_batches([getattr(lists, name)]) for lists in (first, second)]
        whole = pa.concat_tables(tables).unify_dictionaries().combine_chunks()
        return whole.to_batches()[0]

    return Lists(
        stacked("context"),
        stacked("items"),
        np.concatenate([first.row_lengths, second.row_lengths]),
    )
