"""Gates on the exported model as a server would run it, with usual and unusual lists."""

from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

from components.evaluator.config import EvaluationConfig, Latency
from components.evaluator.results import ReleaseGateResult
from components.evaluator.served_model import Answers, ServedModel
from data.definition.codecs import codec
from data.definition.dataset import Dataset
from data.lists.examples import feature_columns, plain_example

# Lists of the evaluation split that are asked for.
REAL_LISTS = 100
_LARGEST_DIFFERENCE = 1e-4

_FRESH = "serving: a fresh process with TensorFlow alone scores real lists"
_UNUSUAL = "serving: a finite score for every item of unusual lists"

# What a list's features hold: float32 or object (bytes), a row an item or a single one.
Columns = dict[str, np.ndarray]
_MANY = 1000
_SOME = 25
_LARGEST = float(np.finfo(np.float32).max)


def judge_serving(
    served: ServedModel, patterns: Sequence[str], dataset: Dataset, config: EvaluationConfig
) -> tuple[ReleaseGateResult, ...]:
    """Asks a model for real lists and unusual ones, and takes its time.

    Args:
        served: the candidate.
        patterns: files with the lists of the evaluation split.
        dataset: the features.
        config: the largest latency.

    Returns:
        The results of the gates; none without lists, which no model is blessed on anyway.
    """
    real = _first_lists(patterns)
    if not real:
        return ()
    unusual = unusual_lists(dataset, real[0])
    lists = [*real, *unusual.values()]
    latency = config.latency
    if latency:
        lists.append(long_list(dataset, real[0], latency.items))
    answers = served.answers(
        lists,
        [number_of_items(dataset, one) for one in lists],
        len(lists) - 1 if latency else None,
        latency.requests if latency else 0,
    )
    if answers.error or answers.missing:
        missing = f"expected the signatures {', '.join(answers.missing)}, found none"
        return (_failed(answers.error or missing),)
    return (
        _real_lists(answers, len(real)),
        *_unusual_lists(answers, list(unusual), len(real)),
        *([_in_time(answers, latency)] if latency else []),
    )


def _first_lists(patterns: Sequence[str]) -> list[bytes]:
    files = sorted(file for pattern in patterns for file in tf.io.gfile.glob(pattern))
    if not files:
        return []
    return list(tf.data.TFRecordDataset(files).take(REAL_LISTS).as_numpy_iterator())


def _failed(why: str) -> ReleaseGateResult:
    return ReleaseGateResult(gate=_FRESH, passed=False, why=why)


def _real_lists(answers: Answers, number: int) -> ReleaseGateResult:
    real = answers.lists[:number]
    faulty = sum(one["faulty"] > 0 for one in real)
    apart = max((one["apart"] for one in real if one["apart"] is not None), default=0.0)
    return ReleaseGateResult(
        gate=_FRESH,
        value=faulty,
        threshold=0,
        passed=not faulty and apart <= _LARGEST_DIFFERENCE,
        why=f"{faulty} of {number} lists with items that have no finite score; "
        f"plain values and Examples give scores {apart:.1e} apart, {_LARGEST_DIFFERENCE:g} at most",
    )


def _unusual_lists(
    answers: Answers, names: Sequence[str], first: int
) -> Iterator[ReleaseGateResult]:
    faulty = {
        name: answer["faulty"]
        for name, answer in zip(names, answers.lists[first : first + len(names)], strict=True)
    }
    for name, items in faulty.items():
        if items:
            why = f"{items} items have no finite score"
            slice_ = {"list": name}
            yield ReleaseGateResult(
                gate=_UNUSUAL, slice=slice_, value=items, threshold=0, passed=False, why=why
            )
    if not any(faulty.values()):
        why = f"{len(names)} lists: {', '.join(names)}"
        yield ReleaseGateResult(gate=_UNUSUAL, value=0, threshold=0, passed=True, why=why)


def _in_time(answers: Answers, latency: Latency) -> ReleaseGateResult:
    found = float(np.percentile(answers.milliseconds, latency.percentile))
    return ReleaseGateResult(
        gate=f"serving: {latency.percentile:g}% of answers within {latency.at_most_ms:g} ms",
        slice={"items": str(latency.items)},
        value=found,
        threshold=latency.at_most_ms,
        passed=found <= latency.at_most_ms,
        why=f"{found:.2f} ms, {latency.at_most_ms:g} at most ({latency.requests} requests)",
    )


def unusual_lists(dataset: Dataset, example: bytes) -> dict[str, bytes]:
    """Makes unusual lists of a usual one.

    Args:
        dataset: the features.
        example: a serialized list.

    Returns:
        Serialized lists by what is unusual about them.
    """
    columns = feature_columns(dataset.features, example)
    some = _with_items(dataset, columns, _SOME)
    changed = {
        "one item": _with_items(dataset, columns, 1),
        f"{_MANY:,} items": _with_items(dataset, columns, _MANY),
        "equal items": _with_items(dataset, _with_items(dataset, columns, 1), _SOME),
        "no value known": _replaced(some, text=b"", numbers=(np.nan,)),
        "texts never seen": _replaced(some, text="☃ never seen".encode()),
        "numbers as large as can be": _replaced(some, numbers=(_LARGEST, -_LARGEST)),
        "infinite numbers": _replaced(some, numbers=(np.inf, -np.inf)),
        "zeros": _replaced(some, numbers=(0.0,)),
    }
    if dataset.history is not None:
        changed["no past actions"] = _with_entries(dataset, some, 0)
        changed["more past actions than are kept"] = _with_entries(
            dataset, some, 2 * dataset.history.newest
        )
    return {name: plain_example(one) for name, one in changed.items()}


def long_list(dataset: Dataset, example: bytes, items: int) -> bytes:
    """A list with the items of another one, again and again, up to a number."""
    return plain_example(_with_items(dataset, feature_columns(dataset.features, example), items))


def number_of_items(dataset: Dataset, example: bytes) -> int:
    """Items of a serialized list."""
    first = dataset.item_features[0]
    return len(feature_columns(dataset.features, example)[first.name])


def _with_items(dataset: Dataset, columns: Columns, items: int) -> Columns:
    changed = dict(columns)
    for feature in dataset.item_features:
        values = columns[feature.name]
        changed[feature.name] = values[np.arange(items) % len(values)]
    return changed


def _with_entries(dataset: Dataset, columns: Columns, entries: int) -> Columns:
    """A list with so many past actions: its own again and again; missing ones where it has none."""
    changed = dict(columns)
    for feature in dataset.history_features:
        values = columns[feature.name]
        if not len(values):
            missing = codec(feature).missing
            filler = missing.encode() if isinstance(missing, str) else missing
            values = np.full((1, *values.shape[1:]), filler, values.dtype)
        changed[feature.name] = values[np.arange(entries) % len(values)]
    return changed


def _replaced(
    columns: Columns, text: bytes | None = None, numbers: tuple[float, ...] = ()
) -> Columns:
    """One text for all texts, and numbers one after the other; columns stay where none is given."""
    changed = dict(columns)
    for name, column in columns.items():
        if column.dtype == object:
            changed[name] = column if text is None else np.full(len(column), text, object)
        elif numbers:
            changed[name] = np.resize(numbers, column.shape)
    return changed
