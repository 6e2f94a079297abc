"""PEPNet: a network of its own for each task, with gates by region on the input and every layer."""

import tensorflow as tf

from models.rankers.own_networks import OwnNetworks


@tf.keras.utils.register_keras_serializable(package="seqmd")
class PepNet(OwnNetworks):
    """x_t,l = gate_t,l * relu(x_t,l-1 kernel_t,l + bias_t,l), the lower layers of task t's network.

    The gates on the input (EPNet) and on the layers (PPNet) read one hidden layer over the country
    features and the others, see `RegionContext`; in the paper each has its own, and PPNet's reads
    the ids of user and item, which a ranker of ours has not.

    Args:
        tasks: number of tasks, T.
        level_units: widths of the layers.
        dropout: share of hidden units dropped in training.
        seed: seed of initial weights and dropout.
        by_region: the gates of the layers; see `HiddenAdaptor`.

    Source:
        Chang et al., "PEPNet: Parameter and Embedding Personalized Network for Infusing with
        Personalized Prior Information" (arXiv 2302.01115).
    """
