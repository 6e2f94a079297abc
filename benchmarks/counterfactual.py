"""How far estimates of what a new order would earn are off the truth of simulated marketplaces.

python -m benchmarks.counterfactual --seeds 5 --json counterfactual.json
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

if not __package__:
    # Called by its path: benchmarks/models.py would hide the package `models`.
    sys.path.pop(0)

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

from benchmarks.command import run_command
from components.diagnostics.counterfactual import measure_earnings
from components.diagnostics.drawn_lists import DrawnLists
from components.diagnostics.earnings import Interval
from components.diagnostics.results import Counterfactual
from components.evaluator.list_values import LabelledLists
from data.artifacts.served_answer import SCORE, probability
from data.counterfactual.estimators import place
from data.definition.dataset import Dataset
from data.files import local_path
from data.metrics.relevance import expected_gain
from data.simulator import SimulatorConfig, simulate, simulated_dataset
from data.simulator.actions import TASKS, examination
from data.simulator.queries import EVALUATION_DAY
from data.simulator.regions import PLATFORMS

GRADES = (1, 2, 3)
INTERVAL = Interval(replicates=200, confidence=0.95)
# Small trees: whether the order is the best one that there is does not matter here.
_TREES = {
    "num_leaves": 31,
    "learning_rate": 0.15,
    "min_data_in_leaf": 50,
    "max_bin": 63,
    "bagging_fraction": 0.3,
    "bagging_freq": 1,
}
_ROUNDS = 40
_NOT_FEATURES = ("list_id", "shown_at", "user_id", "randomised", "position", "style")
_LIST_COLUMNS = ("list_id", "country", "platform", "user_id", "randomised")
_DAY = 86_400_000
_PLAIN_WIDTH = 120


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark.

    Args:
        arguments: the command line; that of the process by default.
    """
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.counterfactual", description=__doc__
    )
    parser.add_argument("--lists", type=int, default=12_000, help="lists of a marketplace")
    parser.add_argument("--seeds", type=int, default=5, help="marketplaces of each kind")
    parser.add_argument(
        "--randomised", type=float, nargs="+", default=[0.05, 0.0], help="shares of random orders"
    )
    parser.add_argument("--json", type=local_path, required=True, help="file for the figures")
    options = parser.parse_args(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
    found: list[dict[str, Any]] = []
    for seed in range(1, options.seeds + 1):
        for bias in (True, False):
            for share in options.randomised:
                config = SimulatorConfig(
                    lists=options.lists, seed=seed, position_bias=bias, randomised_share=share
                )
                found += Trial(config).figures()
                options.json.write_text(json.dumps(found, indent=2) + "\n")
    show(summarise(found), console)


@dataclass(frozen=True)
class Trial:
    """One marketplace, and a model that was trained on its logs.

    Attributes:
        config: the marketplace.
    """

    config: SimulatorConfig

    @cached_property
    def logs(self) -> pa.Table:
        """All rows, in the order of time, each list in the order shown."""
        return pa.concat_tables(list(simulate(self.config)))

    @cached_property
    def evaluated(self) -> np.ndarray:
        """Whether a row is of the last days, bool [rows]."""
        shown_at = self.logs["shown_at"].cast(pa.int64()).to_numpy()
        return shown_at // _DAY - shown_at.min() // _DAY >= EVALUATION_DAY

    def column(self, name: str, rows: np.ndarray | None = None) -> np.ndarray:
        """Values of some rows, bool [rows]; of the evaluated ones by default."""
        chosen = self.logs.filter(pa.array(self.evaluated if rows is None else rows))
        return np.asarray(chosen[name].to_pandas())

    def predictions(self) -> dict[str, np.ndarray]:
        """What a model of each task says of the evaluated rows, trained on the rows before them."""
        import lightgbm

        names = [name for name in self.logs.column_names if name not in _NOT_FEATURES]
        skipped = ("true_probability_", *TASKS)
        features = np.stack(
            [_numbers(self.logs[name]) for name in names if not name.startswith(skipped)], axis=1
        )
        predicted = {}
        for task in TASKS:
            labels = self.logs[task].to_numpy()[~self.evaluated]
            parameters = {"objective": "binary", "verbose": -1, "seed": self.config.seed, **_TREES}
            trained = lightgbm.train(
                parameters, lightgbm.Dataset(features[~self.evaluated], labels), _ROUNDS
            )
            predicted[task] = np.asarray(trained.predict(features[self.evaluated]))
        return predicted

    def figures(self) -> Iterator[dict[str, Any]]:
        """By traffic, task and estimator: the true lift and the estimated one."""
        predicted = self.predictions()
        score = expected_gain([predicted[task] for task in TASKS], GRADES)
        outputs = {probability(task): predicted[task] for task in TASKS} | {SCORE: score}
        lists = self._lists(self.evaluated)
        random = self._lists(~self.evaluated & (self.logs["randomised"].to_numpy() == 1))
        dataset = Dataset.model_validate(simulated_dataset(self.config))
        found = measure_earnings(dataset, lists, outputs, INTERVAL, random)
        truth = self._true_lifts(lists, score)
        for part in found.slices:
            if part.region or part.traffic == "all" or not part.lists:
                continue
            for target, one in part.targets.items():
                for name, estimate in one.estimates.items():
                    yield {
                        "position_bias": self.config.position_bias,
                        "randomised_share": self.config.randomised_share,
                        "seed": self.config.seed,
                        "curve": _source(found),
                        "traffic": part.traffic,
                        "lists": part.lists,
                        "target": target,
                        "estimator": name,
                        "truth": truth[part.traffic][target],
                        "effective_actions": estimate.effective_actions,
                        **estimate.lift.model_dump(),
                    }

    def _lists(self, rows: np.ndarray) -> DrawnLists:
        columns = {name: self.column(name, rows) for name in (*_LIST_COLUMNS, "position", *TASKS)}
        _, first, lengths = np.unique(
            columns["list_id"].astype(str), return_index=True, return_counts=True
        )
        return DrawnLists(
            context=pa.RecordBatch.from_pydict({}),
            items=pa.RecordBatch.from_pydict({}),
            labelled=LabelledLists(
                row_lengths=lengths,
                labels={task: columns[task].astype(float) for task in TASKS},
                truth={},
                positions=columns["position"].astype(float),
                weights=np.ones(len(lengths)),
            ),
            regions=_bytes(columns["country"][first]),
            platforms=_bytes(columns["platform"][first]),
            users=_bytes(columns["user_id"][first]),
            randomised=columns["randomised"][first] == 1,
            domestic=None,
        )

    def _true_lifts(self, lists: DrawnLists, score: np.ndarray) -> dict[str, dict[str, float]]:
        """By traffic and target, what the order by the score is expected to earn more, truly."""
        platform = np.array([PLATFORMS.index(name.decode()) for name in lists.platforms])
        positions, random = self.column("position"), lists.randomised
        assert random is not None
        placed = place(score, positions.astype(float), lists.row_lengths, platform, random)
        of_item, bias = platform[lists.list_of_item], self.config.position_bias
        shown = examination(positions, of_item, bias)
        new = placed.moved(examination(placed.slots.astype(int), of_item, bias).astype(float))
        worth = {task: self.column(f"true_probability_{task}").astype(float) for task in TASKS}
        worth["graded"] = expected_gain([worth[task] for task in TASKS], GRADES)
        inside = {"usual": ~random[lists.list_of_item], "randomised": random[lists.list_of_item]}
        return {
            traffic: {
                target: float((new * value)[rows].sum() / (shown * value)[rows].sum()) - 1
                for target, value in worth.items()
            }
            for traffic, rows in inside.items()
            if rows.any()
        }


def _source(found: Counterfactual) -> str | None:
    return found.examination.source if found.examination else None


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_string(column.type):
        column = column.combine_chunks().dictionary_encode().indices
    return np.asarray(column.to_pandas(), dtype=float)


def _bytes(values: np.ndarray) -> np.ndarray:
    return np.array([str(value).encode() for value in values], dtype=object)


def summarise(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Means over the seeds, by kind of marketplace, traffic, target and estimator.

    Args:
        found: the figures of all trials.

    Returns:
        For each: the mean true lift, the mean and the root of the mean square of the error, the
        mean standard error that was told, and how many intervals of how many hold the truth.
    """
    keys = ("position_bias", "randomised_share", "curve", "traffic", "target", "estimator")
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for one in found:
        groups.setdefault(tuple(one[key] for key in keys), []).append(one)
    return [
        {**dict(zip(keys, names, strict=True)), **_error(rows)} for names, rows in groups.items()
    ]


def _error(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    known = [one for one in rows if one["standard_error"] is not None]
    errors = np.array([one["value"] - one["truth"] for one in known])
    return {
        "truth": float(np.mean([one["truth"] for one in rows])),
        "error": float(errors.mean()) if known else None,
        "root_mean_square": float(np.sqrt(np.square(errors).mean())) if known else None,
        "standard_error": float(np.mean([one["standard_error"] for one in known]))
        if known
        else None,
        "held": sum(one["low"] <= one["truth"] <= one["high"] for one in known),
        "measured": len(known),
        "trials": len(rows),
    }


def show(summary: Sequence[dict[str, Any]], console: Console) -> None:
    """Prints the summary.

    Args:
        summary: see `summarise`.
        console: where it goes.
    """
    table = Table("bias", "random", "curve", "lists", "target", "estimator", "true lift", "error")
    for heading in ("RMS error", "std. error", "intervals that hold it"):
        table.add_column(heading, justify="right")
    for one in summary:
        figures = ("truth", "error", "root_mean_square", "standard_error")
        table.add_row(
            "on" if one["position_bias"] else "off",
            f"{one['randomised_share']:.0%}",
            *(str(one[key]) for key in ("curve", "traffic", "target", "estimator")),
            *("-" if one[key] is None else f"{one[key]:+.1%}" for key in figures),
            f"{one['held']} of {one['measured']}",
        )
    console.print(table)


if __name__ == "__main__":
    run_command(main)
