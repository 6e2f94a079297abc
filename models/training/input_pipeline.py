"""Files of serialized lists to batches of model inputs."""

import math
from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from data.definition import keys
from data.definition.dataset import Dataset
from data.lists.parsing import feedback_keys, parse_lists
from models.features.item_kinds import KINDS
from models.features.transform_graph import TransformGraph
from models.training.cluster import ALONE, Cluster

Batch = dict[str, tf.Tensor]
Reader = Callable[[tf.Tensor], Batch]

# Lists that are held to draw the next one from.
SHUFFLE_BUFFER = 16_384
_PARALLEL_FILES = 4
# TensorFlow reduces the seed of a graph by this, and takes no drawn seed where 0 is left.
_SEED_MODULUS = 2**31 - 1


def batch_reader(
    dataset: Dataset,
    transform: TransformGraph,
    positions: bool = False,
    kind: str | None = None,
) -> Reader:
    """What turns serialized lists, string [B], into model inputs.

    Args:
        dataset: the dataset.
        transform: the fitted transform graph.
        positions: whether it gives what a correction of position bias asks for.
        kind: the kind of items that are learnt from: labels of all others are unknown; None learns
            from all.

    Returns:
        A traced function. Its dictionary holds what the transform graph puts out, `label_TASK`
        float [N], `list_weight` float [B] and `list_id` string [B]; of tasks with times also
        `feedback_keys` float [N] and `list_age` float [B]; with positions `item_position`
        float [N], NaN where unknown, `list_platform` and `list_region` string [B].
    """
    labels = [keys.label(task.name) for task in dataset.tasks]
    context = [keys.LIST_WEIGHT, keys.LIST_ID] + ([keys.LIST_AGE] if dataset.timed else [])
    item = labels + feedback_keys(dataset)
    if positions:
        context += [keys.LIST_PLATFORM, keys.LIST_REGION]
        item.append(keys.ITEM_POSITION)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def read(serialized: tf.Tensor) -> Batch:
        lists = parse_lists(serialized, dataset, labels=True, positions=positions)
        batch = dict(transform(lists))
        batch |= {name: lists.item[name] for name in item}
        if kind is not None:
            learnt = batch[KINDS][:, dataset.kinds.index(kind)] > 0
            batch |= {name: tf.where(learnt, batch[name], math.nan) for name in labels}
        return batch | {name: lists.context[name] for name in context}

    return read.get_concrete_function()


def training_batches(
    files: Sequence[str],
    reader: Reader,
    lists_per_batch: int,
    seed: int,
    first_epoch: int,
    empty_batches: int = 0,
) -> tf.data.Dataset:
    """Batches of epoch after epoch, without end; the order within an epoch is (seed, epoch)'s.

    One dataset for all epochs, since TensorFlow takes its time to start one.

    Args:
        files: TFRecord files.
        reader: from `batch_reader`.
        lists_per_batch: lists in a batch; the last one of an epoch may have fewer.
        seed: seed of the training.
        first_epoch: number of the first epoch.
        empty_batches: batches without lists at the end of an epoch.

    Returns:
        The batches.
    """

    def epoch_of(number: tf.Tensor) -> tf.data.Dataset:
        # Of this function's graph alone.
        tf.compat.v1.set_random_seed(seed if seed % _SEED_MODULUS else 1)
        key = tf.stack([tf.constant(seed, tf.int64), number])
        shuffled = tf.random.experimental.stateless_shuffle(tf.constant(list(files)), key)
        draw = tf.random.stateless_uniform([], key, maxval=2**31 - 1, dtype=tf.int64)
        lists = _serialized(shuffled, len(files)).shuffle(
            SHUFFLE_BUFFER, seed=draw, reshuffle_each_iteration=False
        )
        batches = lists.batch(lists_per_batch)
        if not empty_batches:
            return batches
        empty = tf.data.Dataset.from_tensors(tf.zeros([0], tf.string))
        return batches.concatenate(empty.repeat(empty_batches))

    epochs = tf.data.Dataset.range(first_epoch, np.iinfo(np.int64).max)
    return _read(epochs.flat_map(epoch_of), reader)


def validation_batches(
    files: Sequence[str], reader: Reader, lists_per_batch: int, cluster: Cluster = ALONE
) -> tf.data.Dataset:
    """A worker's share of the batches of all lists in the order of the files, again and again."""
    lists = _serialized(tf.constant(list(files), tf.string), len(files))
    batches = lists.batch(lists_per_batch)
    if cluster.number > 1:
        batches = batches.shard(cluster.number, cluster.index)
    return _read(batches.repeat(), reader)


def count_lists(files: Sequence[str]) -> int:
    """Number of lists in TFRecord files."""
    lists = _serialized(tf.constant(list(files), tf.string), len(files))
    counted = lists.batch(1024).reduce(
        tf.constant(0, tf.int64), lambda count, batch: count + tf.size(batch, tf.int64)
    )
    return int(counted)


def label_totals(files: Sequence[str], dataset: Dataset) -> np.ndarray:
    """How often the actions of lists happened.

    Args:
        files: TFRecord files.
        dataset: the tasks.

    Returns:
        By task, the weight of the positives and that of all labelled items, float [T, 2].
    """
    labels = [keys.label(task.name) for task in dataset.tasks]
    spec = {name: tf.io.RaggedFeature(tf.float32) for name in labels}
    weight = {keys.LIST_WEIGHT: tf.io.FixedLenFeature([], tf.float32, 1.0)}

    def totals(serialized: tf.Tensor) -> tf.Tensor:
        parsed = tf.io.parse_example(serialized, spec | weight)
        rows = [_totals(parsed[name], parsed[keys.LIST_WEIGHT]) for name in labels]
        return tf.cast(tf.stack(rows), tf.float64)

    lists = _serialized(tf.constant(list(files), tf.string), len(files))
    summed = lists.batch(1024).map(totals, num_parallel_calls=2)
    return summed.reduce(tf.zeros([len(labels), 2], tf.float64), tf.add).numpy()


def funnel_breaks(files: Sequence[str], dataset: Dataset) -> np.ndarray:
    """How many items have an action without the one before.

    Args:
        files: TFRecord files.
        dataset: the tasks.

    Returns:
        int64 [T + 1]: items with a label, those among them that break the funnel anywhere, and for
        each task from the second on those with its action and a label 0 of the task before.
    """
    labels = [keys.label(task.name) for task in dataset.tasks]
    ragged = tf.io.RaggedFeature(tf.float32, row_splits_dtype=tf.int64)
    spec = dict.fromkeys(labels, ragged)

    def breaks(serialized: tf.Tensor) -> tf.Tensor:
        parsed = tf.io.parse_example(serialized, spec)
        width = tf.reduce_max([parsed[name].bounding_shape(1) for name in labels])
        found = tf.stack([_padded(parsed[name], width) for name in labels], axis=-1)
        broken = (found[..., 1:] > 0) & (found[..., :-1] <= 0)
        anywhere = tf.reduce_any(broken, axis=-1, keepdims=True)
        items = ~tf.reduce_all(tf.math.is_nan(found), axis=-1, keepdims=True)
        counted = tf.concat([items, anywhere, broken], axis=-1)
        return tf.reduce_sum(tf.cast(counted, tf.int64), axis=[0, 1])

    lists = _serialized(tf.constant(list(files), tf.string), len(files))
    summed = lists.batch(1024).map(breaks, num_parallel_calls=2)
    return summed.reduce(tf.zeros([len(labels) + 1], tf.int64), tf.add).numpy()


def _padded(labels: tf.RaggedTensor, width: tf.Tensor) -> tf.Tensor:
    """Float [B, width]; a list that lacks a task's labels has unknown ones, as padding is."""
    unknown = tf.constant(float("nan"))
    dense = labels.to_tensor(unknown)
    missing = tf.cast(width, tf.int32) - tf.shape(dense)[1]
    return tf.pad(dense, [[0, 0], [0, missing]], constant_values=unknown)


def _totals(labels: tf.RaggedTensor, weights: tf.Tensor) -> tf.Tensor:
    known = ~tf.math.is_nan(labels.flat_values)
    weight = tf.where(known, tf.gather(weights, labels.value_rowids()), 0.0)
    positive = tf.where(labels.flat_values > 0, weight, 0.0)
    return tf.stack([tf.reduce_sum(positive), tf.reduce_sum(weight)])


def matching_files(patterns: Sequence[str]) -> list[str]:
    """Files that match patterns, in the order of their names."""
    return sorted({file for pattern in patterns for file in tf.io.gfile.glob(pattern)})


def _serialized(files: tf.Tensor, number: int) -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices(files).interleave(
        tf.data.TFRecordDataset,
        cycle_length=max(1, min(_PARALLEL_FILES, number)),
        block_length=64,
    )


def _read(batches: tf.data.Dataset, reader: Reader) -> tf.data.Dataset:
    return batches.map(reader, num_parallel_calls=2, deterministic=True).prefetch(4)
