"""ESMM: networks of their own for conditional probabilities, on common embeddings."""

import tensorflow as tf

from models.rankers.own_networks import OwnNetworks


@tf.keras.utils.register_keras_serializable(package="seqmd")
class Esmm(OwnNetworks):
    """p_m = product over t <= m of sigmoid(network_t(x)): pCTCVR = pCTR * pCVR with two tasks.

    The tasks share the embeddings of x alone. The product is the descending probability, without
    which a configuration is refused; trained by `entire_space`, or by anything of the product's
    logit, a factor never needs to be trained on the items that were clicked alone.

    Args:
        tasks: number of tasks, T.
        level_units: widths of the lower layers; the towers above them complete the networks.
        dropout: share of hidden units dropped in training.
        seed: seed of initial weights and dropout.
        by_region: what the layers have by region; see `HiddenAdaptor`.

    Source:
        Ma et al., "Entire Space Multi-Task Model: An Effective Approach for Estimating
        Post-Click Conversion Rate" (arXiv 1804.07931).
    """
