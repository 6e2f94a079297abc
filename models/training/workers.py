"""The workers that train one model together: what each reads, and what they tell each other."""

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from data.errors import InputError
from models.training import cluster
from models.training.cluster import Cluster, WorkerLostError

# What TensorFlow raises when a worker is gone, by where in its work it notices.
_LOST = (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError)


@dataclass(frozen=True)
class Workers:
    """The processes that train together, seen from one of them.

    Attributes:
        cluster: how many they are, and which of them this is.
        strategy: keeps their weights equal; None where one trains alone.
    """

    cluster: Cluster = cluster.ALONE
    strategy: tf.distribute.Strategy | None = None

    @classmethod
    def of_environment(cls) -> "Workers":
        """The workers that TF_CONFIG names; waits until all of them are there.

        TensorFlow wants to know of them before it does anything else in the process.

        Raises:
            InputError: TF_CONFIG is wrong, or a worker has more than one device.
        """
        cluster = Cluster.of_environment()
        return ALONE if cluster.number == 1 else _together(cluster)

    @property
    def is_chief(self) -> bool:
        """Whether this worker writes what there is to write."""
        return self.cluster.is_chief

    def scope(self) -> AbstractContextManager:
        """Within it, variables are made that stay equal on all workers."""
        return self.strategy.scope() if self.strategy else contextlib.nullcontext()

    def files_of(self, files: Sequence[str]) -> list[str]:
        """The files that this worker reads, every n-th one.

        Raises:
            InputError: there are fewer files than workers.
        """
        number = self.cluster.number
        if len(files) < number and number > 1:
            raise InputError(
                f"training on {number} workers: expected at least {number} files of training "
                f"lists, found {len(files)}; the dataset's fewest_files = {number} makes as many"
            )
        return list(files[self.cluster.index :: number])

    def share_of(self, lists_per_batch: int) -> int:
        """How many lists of a batch are this worker's.

        Raises:
            InputError: there are fewer lists than workers.
        """
        number, index = self.cluster.number, self.cluster.index
        if lists_per_batch < number:
            raise InputError(
                f"training on {number} workers: expected lists_per_batch of at least {number}, "
                f"found {lists_per_batch}"
            )
        return lists_per_batch // number + (index < lists_per_batch % number)

    def gathered(self, values: np.ndarray) -> np.ndarray:
        """The values [n, ...] of all workers, worker after worker."""
        if self.strategy is None:
            return values
        gather = _gathering(self.strategy, values.dtype, values.shape[1:])
        return gather(tf.constant(values)).numpy()

    def told_by_chief(self, text: str) -> str:
        """The chief's text, on every worker."""
        if self.strategy is None:
            return text
        codes = np.frombuffer(text.encode(), np.uint8) if self.is_chief else np.zeros(0, np.uint8)
        codes = self.gathered(codes.astype(np.int32))
        return codes.astype(np.uint8).tobytes().decode()

    @contextlib.contextmanager
    def watched(self) -> Iterator[None]:
        """Within it, TensorFlow's words for a worker that is gone become an error of ours.

        Raises:
            WorkerLostError: another worker ended.
        """
        try:
            yield
        except _LOST as error:
            if self.strategy is None:
                raise
            raise WorkerLostError(self.cluster.number) from error

    def wait(self) -> None:
        """Waits until every worker has come here."""
        self.gathered(np.zeros(1, np.int32))


ALONE = Workers()


@functools.cache
def _gathering(
    strategy: tf.distribute.Strategy, dtype: np.dtype, shape: tuple[int, ...]
) -> Callable[[tf.Tensor], tf.Tensor]:
    """Joins tensors [n, *shape] of all workers; traced once for each kind of tensor."""

    def joined(tensor: tf.Tensor) -> tf.Tensor:
        # The copy is on the replica's device, as TensorFlow wants it.
        return tf.distribute.get_replica_context().all_gather(tf.identity(tensor), axis=0)

    @tf.function(input_signature=[tf.TensorSpec([None, *shape], dtype)], autograph=False)
    def gather(tensor: tf.Tensor) -> tf.Tensor:
        return strategy.run(joined, args=(tensor,))

    return gather


@functools.cache
def _together(cluster: Cluster) -> Workers:
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    devices = strategy.num_replicas_in_sync
    if devices != cluster.number:
        raise InputError(
            f"training on {cluster.number} workers: expected one device each, found {devices} in "
            "all; start a worker for each GPU, with CUDA_VISIBLE_DEVICES set to one"
        )
    return Workers(cluster, strategy)
