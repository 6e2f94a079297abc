"""Rankers by name. Adding a model: one file and one line here."""

from collections.abc import Sequence

import tensorflow as tf

from data.errors import InputError
from models.config import ModelConfig
from models.rankers.seq_md import SeqMd

RANKERS = {
    "seq_md": SeqMd.from_model_config,
}


def build_ranker(
    config: ModelConfig, tasks: Sequence[str], seed: int | None = None
) -> tf.keras.layers.Layer:
    """Makes the ranker that a configuration names.

    A ranker is called with streams `{"country", "dependent", "invariant"}`, float [N, width] each,
    and `training`; it returns logits, float [N, T], before the descending probability and without
    the linear path.

    Args:
        config: name of the ranker, widths and options.
        tasks: names of the tasks, in order.
        seed: seed of initial weights and dropout; None draws anew each time.

    Returns:
        The ranker.

    Raises:
        InputError: there is no ranker of that name.
    """
    if config.ranker not in RANKERS:
        raise InputError(f"ranker: expected one of {sorted(RANKERS)}, found {config.ranker!r}")
    return RANKERS[config.ranker](config, tasks, seed)
