"""Plan of a run: files to read, number of buckets, and fingerprint of the files."""

import datetime
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyarrow.fs import FileInfo

from data.definition.dataset import Dataset
from data.errors import InputError
from data.sources import Shard, source_for
from data.sources.storage import locate, open_file, real_place

# Memory that the rows of a bucket should take; a worker holds a few times as much.
_BUCKET_BYTES = 64 << 20
_MOST_BUCKETS = 4096
# Bytes of rows in memory per byte in a file, roughly.
_GROWTH = {"parquet": 2.0, "gz": 5.0}
# Up to this size in all, files are hashed whole, at about a gigabyte a second.
_HASHED_WHOLE = 4 << 30
_BLOCK = 4 << 20


@dataclass(frozen=True)
class ReadTask:
    """A shard to read.

    Attributes:
        index: place of the shard among all shards.
        shard: the part of a file.
        evaluated: whether its lists are for evaluation only.
    """

    index: int
    shard: Shard
    evaluated: bool


@dataclass(frozen=True)
class Plan:
    """Files and shards to read in one run.

    Attributes:
        dataset: what the columns mean.
        files: all input files.
        tasks: the shards to read.
        buckets: buckets over which lists are spread by a hash of their ids.
        has_evaluation_input: whether some files are for evaluation only.
    """

    dataset: Dataset
    files: tuple[str, ...]
    tasks: tuple[ReadTask, ...]
    buckets: int
    has_evaluation_input: bool


def input_files(
    dataset: Dataset,
    patterns: Sequence[str],
    evaluation_patterns: Sequence[str],
    first_partition: str,
    last_partition: str,
) -> tuple[list[str], list[str]]:
    """Finds the files of the main input and those for evaluation only.

    Args:
        dataset: names the reader.
        patterns: files, folders or globs.
        evaluation_patterns: the same; may be empty.
        first_partition: first date of the Hive partitions of the main input; empty for all.
        last_partition: last date, itself included; empty for all.

    Returns:
        The paths of both.

    Raises:
        InputError: nothing is there, or a file is on both sides.
    """
    source = source_for(dataset)
    dates = [
        datetime.date.fromisoformat(text) if text else None
        for text in (first_partition, last_partition)
    ]
    main = source.files(patterns, *dates)
    evaluation = source.files(evaluation_patterns) if evaluation_patterns else []
    places = {real_place(path) for path in main}
    both = [path for path in evaluation if real_place(path) in places]
    if both:
        raise InputError(f"--eval-input: {both[0]} is among the files of --input as well")
    return main, evaluation


def make_plan(properties: Mapping[str, Any]) -> Plan:
    """Finds the files, and checks the columns of all before any row is read.

    Args:
        properties: execution properties of ListExampleGen.

    Returns:
        The plan.

    Raises:
        InputError: no files, or one that does not fit the dataset.
    """
    dataset = Dataset.model_validate_json(properties["dataset"])
    main, evaluation = input_files(
        dataset,
        json.loads(properties["input"]),
        json.loads(properties["evaluation_input"]),
        properties["first_partition"],
        properties["last_partition"],
    )
    source = source_for(dataset)
    files = (*main, *evaluation)
    source.check(files)
    sides = [(file, index >= len(main)) for index, file in enumerate(files)]
    shards = [(shard, evaluated) for file, evaluated in sides for shard in source.shards(file)]
    tasks = tuple(ReadTask(index, *shard) for index, shard in enumerate(shards))
    buckets = max(_buckets(files), dataset.fewest_files)
    return Plan(dataset, files, tasks, buckets, bool(evaluation))


def _buckets(files: Sequence[str]) -> int:
    """Buckets for files; depends on their sizes only, so that a rerun writes the same files."""
    memory = sum(_size(file) * _GROWTH.get(_ending(file), 1.0) for file in files)
    return int(min(max(1, -(-memory // _BUCKET_BYTES)), _MOST_BUCKETS))


def _size(path: str) -> int:
    file_system, place = locate(path)
    return file_system.get_file_info(place).size


def _ending(path: str) -> str:
    return path.rpartition(".")[2].lower()


def fingerprint(files: Sequence[str], hashed_whole: int = _HASHED_WHOLE) -> str:
    """Fingerprint of the files' paths, sizes and contents.

    Up to 4 GiB in all, every byte counts and dates do not, so that a file that was written again
    with the same content is the same input. Beyond that, each file counts with its size, its
    date, its first and its last 4 MiB (where Parquet keeps its statistics).

    Args:
        files: paths of the files; their order does not matter.
        hashed_whole: bytes up to which files are hashed whole.

    Returns:
        32 hexadecimal digits.
    """
    infos = {file: _info(file) for file in sorted(set(files))}
    whole = sum(info.size for info in infos.values()) <= hashed_whole
    digest = hashlib.blake2b(digest_size=16)
    for file, info in infos.items():
        date = "" if whole else info.mtime_ns
        digest.update(f"{file}\0{info.size}\0{date}\0".encode())
        for block in _blocks(file, info.size, whole):
            digest.update(block)
    return digest.hexdigest()


def _info(path: str) -> FileInfo:
    file_system, place = locate(path)
    return file_system.get_file_info(place)


def _blocks(path: str, size: int, whole: bool) -> Iterator[bytes]:
    starts = range(0, size, _BLOCK) if whole else (0, max(0, size - _BLOCK))
    with open_file(path) as file:
        for start in starts:
            file.seek(start)
            yield file.read(_BLOCK)
