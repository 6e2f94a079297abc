"""The columns of numbers relative to their list, which are computed where the lists are known.

They follow from the numbers of a list and from nothing that was fitted. Beside the fitted graph
instead of inside it, they need not find out again which item is of which list.
"""

from collections.abc import Mapping

import tensorflow as tf

from data.definition.scopes import SCOPES
from models.features import within_list
from models.features.layout import deviations_key, numbers_key, raw_key


def with_list_columns(
    matrices: Mapping[str, tf.Tensor], row_lengths: tf.Tensor
) -> dict[str, tf.Tensor]:
    """Adds percentiles, then standardised numbers, to the columns of numbers.

    Args:
        matrices: what `preprocessing_fn` puts out.
        row_lengths: int64 [B], items of each list.

    Returns:
        The matrices of `Layout`.
    """
    found = dict(matrices)
    for scope in SCOPES:
        blocks = []
        if raw_key(scope) in matrices:
            raw = tf.transpose(found.pop(raw_key(scope)))
            blocks.append(within_list.percentiles(raw, tf.math.is_finite(raw), row_lengths))
        if deviations_key(scope) in matrices:
            values = tf.transpose(found.pop(deviations_key(scope)))
            blocks.append(within_list.standardised(values, tf.math.is_finite(values), row_lengths))
        if blocks:
            numbers = tf.transpose(found[numbers_key(scope)])
            found[numbers_key(scope)] = tf.transpose(tf.concat([numbers, *blocks], axis=0))
    return found
