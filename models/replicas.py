"""Sums over the workers that train together, and seeds that differ between them."""

from typing import TypeVar

import tensorflow as tf

Tensors = TypeVar("Tensors")


def summed(tensors: Tensors) -> Tensors:
    """Sums tensors over the workers whose step is being traced.

    Args:
        tensors: a tensor or a structure of tensors, of the same form on every worker.

    Returns:
        The sums; the tensors themselves where one worker trains alone.
    """
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return tensors
    return replica.all_reduce(tf.distribute.ReduceOp.SUM, tensors)


def share_of_whole(loss: tf.Tensor) -> tf.Tensor:
    """A worker's share of a loss that each worker finds for itself: they add up to their mean.

    Args:
        loss: float [].

    Returns:
        float [].
    """
    replica = tf.distribute.get_replica_context()
    return loss if replica is None else loss / replica.num_replicas_in_sync


def worker_seed(seed: int | None) -> tf.Tensor:
    """The seed of a draw that must differ from worker to worker.

    Args:
        seed: seed of the draw, below 2^32; None stands for 0.

    Returns:
        int64 []: the seed itself on the first worker.
    """
    replica = tf.distribute.get_replica_context()
    if replica is None or replica.num_replicas_in_sync == 1:
        return tf.constant(seed or 0, tf.int64)
    index = tf.cast(replica.replica_id_in_sync_group, tf.int64)
    return tf.constant(seed or 0, tf.int64) + index * 2**32
