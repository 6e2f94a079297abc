"""report.json and report.html: all that a run has to show, from what its nodes have written."""

import json
import logging
import math
import platform
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from data.definition.base import Definition
from data.files import files_in, write_whole
from models.training.epoch_log import HISTORY_FILE
from pipeline.code_version import library_versions, packages_version
from pipeline.config import RunConfig
from pipeline.failures import told
from pipeline.locations import Locations
from pipeline.metadata_address import metadata_connection
from pipeline.pushed_version import pushed_version
from pipeline.report.distributions import feature_distributions
from pipeline.report.files import VERSION, save_content
from pipeline.report.lineage import lineage
from pipeline.report.page import report_page
from pipeline.report.record import RunRecord
from pipeline.run_results import RunResults
from pipeline.summary import RunCounts
from pipeline.summary_head import DatasetName

BLESSED, NOT_BLESSED, FAILED = "blessed", "not blessed", "failed"
# Rows that were set aside, for people to look at.
MOST_ROWS_SET_ASIDE = 20


def write_report(
    config: RunConfig, locations: Locations, record: RunRecord, error: BaseException | None = None
) -> None:
    """Writes both files; where that fails, the log says why, and the run goes on.

    Args:
        config: the run's configuration.
        locations: where everything is kept.
        record: what has run.
        error: what ended the run.
    """
    try:
        content = report_content(config, locations, record, error)
        save_content(content, locations.output, f"{record.started:%Y%m%dT%H%M%S}")
        write_whole(locations.report, report_page(content))
    except Exception:
        # The model is made, or the run has failed already: that is what the command has to tell.
        logging.getLogger("seqmd").exception("The report could not be written")


def report_content(
    config: RunConfig, locations: Locations, record: RunRecord, error: BaseException | None = None
) -> dict[str, Any]:
    """Gathers what there is.

    Args:
        config: the run's configuration.
        locations: where everything is kept.
        record: the nodes that have completed.
        error: what ended the run.

    Returns:
        The content of report.json, see docs/report.md. A part whose node has not completed is
        missing, and one that cannot be read is named in `not_read`.
    """
    parts: dict[str, Any] = {}
    not_read: dict[str, str] = {}
    for name, (node, read) in _readers(config, RunResults(record.nodes)).items():
        if node not in record.nodes:
            continue
        try:
            parts[name] = read()
        except Exception as fault:
            # A report of what there is: one part that is gone takes nothing with it.
            logging.getLogger("seqmd").warning("report: %s", name, exc_info=True)
            not_read[name] = told(fault)
    connection = metadata_connection(str(locations.metadata))
    content = {
        "version": VERSION,
        "run": _run(record, parts, error),
        "dataset": DatasetName.of(config).model_dump(),
        "tasks": [task.name for task in config.dataset.tasks],
        **_windows(config),
        "config": config.resolved().model_dump(mode="json"),
        "seed": config.training.seed,
        **parts,
        "not_read": not_read,
        "components": {
            node: {
                "seconds": round(result.seconds, 3),
                "cached": result.cached,
                "peak_memory": result.peak_memory,
            }
            for node, result in record.nodes.items()
        },
        "versions": _versions(),
        "lineage": lineage(connection, record.run_id) if locations.metadata.exists() else [],
        "output": str(locations.output),
    }
    return _finite(content)


def _readers(config: RunConfig, found: RunResults) -> dict[str, tuple[str, Callable[[], Any]]]:
    """By part of the report: its node, and what reads it."""

    def plain(read: Callable[[], Definition]) -> Callable[[], Any]:
        return lambda: read().model_dump(mode="json")

    return {
        "counts": ("ListExampleGen", plain(lambda: RunCounts.with_new_regions(found.counts))),
        "filled": ("AttributeFill", plain(lambda: found.filled)),
        "set_aside": ("ListExampleGen", lambda: _first_set_aside(found.rows_set_aside)),
        "validation": ("ExampleValidator", plain(lambda: found.validation)),
        "region_split": ("RegionSplit", plain(lambda: found.split)),
        "distributions": (
            "RegionStatistics",
            lambda: feature_distributions(
                found.folder("RegionStatistics", "statistics"), config.dataset
            ),
        ),
        "training": ("Trainer", lambda: _history(found.folder("Trainer", "model_run"))),
        "metrics": ("Evaluator", plain(lambda: found.metrics)),
        "blessing": ("Evaluator", plain(lambda: found.verdict)),
        "diagnostics": ("Diagnostics", plain(lambda: found.diagnostics)),
    }


def _windows(config: RunConfig) -> dict[str, Any]:
    """Seconds after which a label is final, by task; nothing where no task says so."""
    found = {task.name: task.window for task in config.dataset.tasks if task.window}
    return {"windows": found} if found else {}


def _run(record: RunRecord, parts: dict[str, Any], error: BaseException | None) -> dict[str, Any]:
    status = FAILED
    if error is None:
        status = BLESSED if parts.get("blessing", {}).get("blessed") else NOT_BLESSED
    pushed = record.nodes.get("Pusher")
    return {
        "id": record.run_id,
        "started": record.started.isoformat(timespec="seconds"),
        "seconds": round(record.seconds, 3),
        "status": status,
        "error": None if error is None else told(error),
        "failed_component": record.running if error is not None else None,
        "pushed_model": pushed_version(pushed) if pushed else None,
    }


def _history(folder: str) -> Any:
    """The epochs of the training."""
    with tf.io.gfile.GFile(f"{folder}/{HISTORY_FILE}") as file:
        return json.loads(file.read())


def _first_set_aside(folder: str) -> list[dict[str, Any]]:
    """The first rows that were set aside, each with `file`, `row` and `reason`."""
    rows: list[dict[str, Any]] = []
    for path in files_in(folder, "rows-", ".jsonl"):
        with tf.io.gfile.GFile(path) as file:
            for line in file:
                if len(rows) == MOST_ROWS_SET_ASIDE:
                    return rows
                rows.append(json.loads(line))
    return rows


def _versions() -> dict[str, Any]:
    """Versions of the code, of Python and of the libraries that do the work."""
    return {
        "code": packages_version(),
        "python": platform.python_version(),
        "system": platform.platform(),
        "libraries": library_versions(),
    }


def _finite(value: Any) -> Any:
    """The same without NaN and infinity, which JSON does not know."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(one) for key, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list | tuple) else value
