"""Files of serialized lists to batches of model inputs."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from data import keys
from data.dataset import Dataset
from data.parsing import parse_lists
from models.transform_graph import TransformGraph

Batch = dict[str, tf.Tensor]
Reader = Callable[[tf.Tensor], Batch]

# Lists that are held to draw the next one from.
SHUFFLE_BUFFER = 16_384
_PARALLEL_FILES = 4


def batch_reader(dataset: Dataset, transform: TransformGraph) -> Reader:
    """What turns serialized lists, string [B], into model inputs.

    Args:
        dataset: the dataset.
        transform: the fitted transform graph.

    Returns:
        A traced function. Its dictionary holds what the transform graph puts out, `label_TASK`
        float [N], `list_weight` float [B] and `list_id` string [B].
    """

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def read(serialized: tf.Tensor) -> Batch:
        lists = parse_lists(serialized, dataset, labels=True)
        batch = dict(transform(lists))
        batch |= {name: lists.item[name] for name in map(keys.label, _tasks(dataset))}
        of_list = (keys.LIST_WEIGHT, keys.LIST_ID)
        return batch | {name: tf.squeeze(lists.context[name], axis=1) for name in of_list}

    return read.get_concrete_function()


def training_batches(
    files: Sequence[str], reader: Reader, lists_per_batch: int, seed: int, epoch: int
) -> tf.data.Dataset:
    """Batches of an epoch, in an order that follows from (seed, epoch) alone.

    Args:
        files: TFRecord files.
        reader: from `batch_reader`.
        lists_per_batch: lists in a batch; the last one may have fewer.
        seed: seed of the training.
        epoch: number of the epoch.

    Returns:
        The batches.
    """
    generator = np.random.default_rng((seed, epoch))
    shuffled = [files[place] for place in generator.permutation(len(files))]
    lists = _serialized(shuffled).shuffle(
        SHUFFLE_BUFFER, seed=int(generator.integers(2**31)), reshuffle_each_iteration=False
    )
    return _batches(lists, reader, lists_per_batch)


def ordered_batches(files: Sequence[str], reader: Reader, lists_per_batch: int) -> tf.data.Dataset:
    """Batches of all lists in the order of the files."""
    return _batches(_serialized(files), reader, lists_per_batch)


def count_lists(files: Sequence[str]) -> int:
    """Number of lists in TFRecord files."""
    counted = (
        _serialized(files)
        .batch(1024)
        .reduce(tf.constant(0, tf.int64), lambda count, batch: count + tf.size(batch, tf.int64))
    )
    return int(counted)


def matching_files(patterns: Sequence[str]) -> list[str]:
    """Files that match patterns, in the order of their names."""
    return sorted({file for pattern in patterns for file in tf.io.gfile.glob(pattern)})


def _tasks(dataset: Dataset) -> list[str]:
    return [task.name for task in dataset.tasks]


def _serialized(files: Sequence[str]) -> tf.data.Dataset:
    if not files:
        return tf.data.Dataset.from_tensor_slices(tf.zeros([0], tf.string))
    return tf.data.Dataset.from_tensor_slices(list(files)).interleave(
        tf.data.TFRecordDataset,
        cycle_length=min(_PARALLEL_FILES, len(files)),
        block_length=64,
        deterministic=True,
    )


def _batches(lists: tf.data.Dataset, reader: Reader, lists_per_batch: int) -> tf.data.Dataset:
    batches = lists.batch(lists_per_batch)
    return batches.map(reader, num_parallel_calls=2, deterministic=True).prefetch(4)
