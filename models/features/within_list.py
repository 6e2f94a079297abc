"""Item features relative to the other items of their list: scale-free, whatever the list's length.

All features are worked on at once, as rows of one matrix [F, N] whose columns are the items of all
lists, list after list.
"""

import math

import tensorflow as tf

# Comparing all pairs of a list costs its length per item, sorting about as much as this length.
_PAIRS_PER_ITEM = 40
_LARGEST = tf.float32.max


def is_one_list(row_lengths: tf.Tensor) -> bool:
    """Whether it is known, without looking, that there is one list alone.

    Args:
        row_lengths: int64 [B], items of each list.
    """
    return row_lengths.shape.rank == 1 and row_lengths.shape[0] == 1


def list_of_item(row_lengths: tf.Tensor, items: tf.Tensor) -> tf.Tensor:
    """The list of each item, int64 [N].

    Args:
        row_lengths: int64 [B], items of each list.
        items: N.
    """
    if is_one_list(row_lengths):
        return tf.zeros([items], tf.int64)
    # What tf.searchsorted puts out, without its reshapes: each is an operation of every answer.
    item = tf.range(tf.cast(items, row_lengths.dtype))
    ends = tf.cumsum(row_lengths)
    return tf.raw_ops.UpperBound(
        sorted_inputs=ends[tf.newaxis], values=item[tf.newaxis], out_type=tf.int64
    )[0]


def percentiles(values: tf.Tensor, valid: tf.Tensor, row_lengths: tf.Tensor) -> tf.Tensor:
    """Rank percentiles within the list, centred and of unit variance.

    sqrt(12) * ((rank - 0.5) / n - 0.5), with n the items of the list that have a value, and rank
    their place in ascending order from 1; equal values share the mean of their ranks. An item
    without a value gets 0, the middle. A list without ties spreads evenly over
    (-sqrt(3), sqrt(3)), be it of 25 items or of 1,000.

    Args:
        values: float [F, N].
        valid: bool [F, N], whether the item has a (finite) value.
        row_lengths: int64 [B], items of each list.

    Returns:
        float [F, N].
    """
    if is_one_list(row_lengths):
        centred = _centred_of_one(values, valid)
    else:
        row = list_of_item(row_lengths, tf.shape(values)[1])
        centred = _centred(values, valid, tf.cast(row_lengths, tf.int32), row)
    return math.sqrt(12) * tf.ensure_shape(centred, values.shape)


def _centred(
    values: tf.Tensor, valid: tf.Tensor, row_lengths: tf.Tensor, row: tf.Tensor
) -> tf.Tensor:
    """(rank - 0.5) / n - 0.5 in each of some lists; `row` is each item's list."""
    items = tf.shape(values)[1]
    longest = tf.reduce_max(tf.concat([[0], row_lengths], axis=0))
    pairs = tf.size(row_lengths) * longest * longest
    short = (longest <= _PAIRS_PER_ITEM) & (pairs <= _PAIRS_PER_ITEM * items)
    return tf.cond(
        short,
        lambda: _compare_pairs(values, valid, row_lengths, row, longest),
        lambda: _sort(values, valid, row_lengths, row),
    )


def _centred_of_one(values: tf.Tensor, valid: tf.Tensor) -> tf.Tensor:
    """(rank - 0.5) / n - 0.5 in one list."""
    return tf.cond(
        tf.shape(values)[1] <= _PAIRS_PER_ITEM,
        lambda: _compare_pairs_of_one(values, valid),
        lambda: _sort_one(values, valid),
    )


def standardised(values: tf.Tensor, valid: tf.Tensor, row_lengths: tf.Tensor) -> tf.Tensor:
    """Values less the mean of their list, over the deviation of their list, within +-5.

    The bound keeps the meaning of an outlier: among n items none is further than sqrt(n)
    deviations from the mean, so only longer lists than 25 know values beyond it.

    Args:
        values: float [F, N].
        valid: bool [F, N], whether the item has a (finite) value.
        row_lengths: int64 [B], items of each list.

    Returns:
        float [F, N]; 0 for items without a value and where all values of a list are equal.
    """
    if is_one_list(row_lengths):
        return _standardised_of_one(values, valid)
    lists = tf.size(row_lengths)
    row = list_of_item(row_lengths, tf.shape(values)[1])

    def list_mean(columns: tf.Tensor) -> tf.Tensor:
        sums = tf.math.unsorted_segment_sum(columns * weights, row, lists)
        return tf.gather(tf.math.divide_no_nan(sums, counts), row)

    present = tf.transpose(valid)
    weights = tf.cast(present, tf.float32)
    counts = tf.math.unsorted_segment_sum(weights, row, lists)
    # Counted from the list's minimum, equal values are exactly 0, and so is their deviation.
    columns = tf.where(present, tf.transpose(values), _LARGEST)
    minimum = tf.gather(tf.math.unsorted_segment_min(columns, row, lists), row)
    columns = tf.where(present, columns - minimum, 0.0)
    deviation = columns - list_mean(columns)
    scale = tf.sqrt(list_mean(tf.square(deviation)))
    relative = tf.clip_by_value(tf.math.divide_no_nan(deviation, scale), -5.0, 5.0)
    return tf.transpose(relative * weights)


def _standardised_of_one(values: tf.Tensor, valid: tf.Tensor) -> tf.Tensor:
    """As `standardised`, in one list."""
    weights = tf.cast(valid, tf.float32)
    count = tf.reduce_sum(weights, axis=1, keepdims=True)

    def list_mean(rows: tf.Tensor) -> tf.Tensor:
        total = tf.reduce_sum(rows * weights, axis=1, keepdims=True)
        return tf.math.divide_no_nan(total, count)

    known = tf.where(valid, values, _LARGEST)
    above = tf.where(valid, known - tf.reduce_min(known, axis=1, keepdims=True), 0.0)
    deviation = above - list_mean(above)
    scale = tf.sqrt(list_mean(tf.square(deviation)))
    relative = tf.clip_by_value(tf.math.divide_no_nan(deviation, scale), -5.0, 5.0)
    return relative * weights


def _compare_pairs(
    values: tf.Tensor,
    valid: tf.Tensor,
    row_lengths: tf.Tensor,
    row: tf.Tensor,
    longest: tf.Tensor,
) -> tf.Tensor:
    """(rank - 0.5) / n - 0.5 = (items below - items above) / 2n, by counting."""
    features, lists = tf.shape(values)[0], tf.size(row_lengths)
    starts = tf.cumsum(row_lengths, exclusive=True)
    place = tf.range(longest)[:, None]
    item = tf.where(place < row_lengths, place + starts, tf.shape(values)[1])
    columns = tf.transpose(tf.where(valid, values, _LARGEST))
    padded = tf.gather(tf.pad(columns, [[0, 1], [0, 0]], constant_values=_LARGEST), item)
    absent = padded >= _LARGEST
    absent_items = tf.reduce_sum(tf.cast(absent, tf.float32), axis=0)
    # Absent items stand above all others: they are taken off again.
    balance = tf.reduce_sum(tf.sign(padded[:, None] - padded[None]), axis=1) + absent_items
    present_items = tf.cast(longest, tf.float32) - absent_items
    centred = tf.where(absent, 0.0, balance / (2.0 * tf.maximum(present_items, 1.0)))
    row = tf.cast(row, tf.int32)
    flat = (tf.range(tf.shape(values)[1]) - tf.gather(starts, row)) * lists + row
    return tf.transpose(tf.gather(tf.reshape(centred, [-1, features]), flat))


def _compare_pairs_of_one(values: tf.Tensor, valid: tf.Tensor) -> tf.Tensor:
    """As `_compare_pairs`, in one list."""
    rows = tf.where(valid, values, _LARGEST)
    balance = tf.reduce_sum(tf.sign(rows[:, :, None] - rows[:, None]), axis=2)
    present = tf.reduce_sum(tf.cast(valid, tf.float32), axis=1, keepdims=True)
    # Absent items stand above all others: they are taken off again.
    balance += tf.cast(tf.shape(values)[1], tf.float32) - present
    return tf.where(valid, balance / (2.0 * tf.maximum(present, 1.0)), 0.0)


def _sort_one(values: tf.Tensor, valid: tf.Tensor) -> tf.Tensor:
    """As `_sort`, in one list."""
    # Any place that an absent item has is below those of the others, and is not read.
    given = tf.where(valid, values, -math.inf)
    found = tf.math.top_k(given, k=tf.shape(values)[1])
    doubled = tf.cast(_doubled_place_of_equals(*found), tf.float32)
    present = tf.reduce_sum(tf.cast(valid, tf.float32), axis=1, keepdims=True)
    return tf.where(valid, 0.5 - (doubled + 1.0) * (0.5 / tf.maximum(present, 1.0)), 0.0)


def _sort(values: tf.Tensor, valid: tf.Tensor, row_lengths: tf.Tensor, row: tf.Tensor) -> tf.Tensor:
    """(rank - 0.5) / n - 0.5, by sorting all lists at once."""
    lists, items = tf.size(row_lengths), tf.shape(values)[1]
    starts = tf.gather(tf.cumsum(row_lengths, exclusive=True), row)
    list_key = tf.bitwise.left_shift(tf.cast(lists, tf.int64) - row, 32)
    sorted_keys, order = tf.math.top_k(list_key + _order_preserving(values, valid), k=items)
    place = tf.cast(_doubled_place_of_equals(sorted_keys, order) - 2 * starts, tf.float32) / 2.0
    valid_columns = tf.transpose(tf.cast(valid, tf.float32))
    counts = tf.math.unsorted_segment_sum(valid_columns, row, lists)
    present_items = tf.transpose(tf.gather(tf.maximum(counts, 1.0), row))
    return tf.where(valid, 0.5 - (place + 0.5) / present_items, 0.0)


def _order_preserving(values: tf.Tensor, valid: tf.Tensor) -> tf.Tensor:
    """int64 of 32 bits in the order of the values; the lowest of all for absent ones."""
    bits = tf.bitcast(tf.where(values == 0.0, 0.0, values), tf.int32)
    # All but the sign is turned where the sign is set; to choose by tf.where takes ten times as
    # long.
    sign = tf.bitwise.right_shift(bits, 31)
    ascending = tf.bitwise.bitwise_xor(bits, tf.bitwise.bitwise_and(sign, tf.int32.max))
    return tf.cast(tf.where(valid, ascending, tf.int32.min), tf.int64)


def _doubled_place_of_equals(sorted_keys: tf.Tensor, order: tf.Tensor) -> tf.Tensor:
    """Twice the mean place, from 0, of all items with a key equal to the item's, int32 [F, N].

    There is an item at least, and F is known.
    """
    features, items = order.shape[0], tf.shape(order)[1]
    differ = sorted_keys[:, 1:] != sorted_keys[:, :-1]
    changes = tf.concat([tf.ones([features, 1], tf.bool), differ], axis=1)
    first = tf.where(tf.reshape(changes, [-1]))[:, 0]
    after = tf.concat([first[1:], [tf.size(order, tf.int64)]], axis=0)
    offset = tf.range(features)[:, None] * items
    places = tf.reshape(order + offset, [-1])
    doubled = tf.dynamic_stitch([places], [_spread(first + after - 1, after - first)])
    return tf.reshape(doubled, [features, items]) - 2 * offset


def _spread(values: tf.Tensor, times: tf.Tensor) -> tf.Tensor:
    """Repeats each value as often as its count says, int32.

    Ranges that start at the value in the upper 32 bits: a pass over the result, where tf.repeat
    pads every run to the longest, and counting the runs takes four passes.
    """
    starts = tf.bitwise.left_shift(values, 32)
    one = tf.constant(1, tf.int64)
    ranges = tf.raw_ops.RaggedRange(starts=starts, limits=starts + times, deltas=one)
    return tf.cast(tf.bitwise.right_shift(ranges.rt_dense_values, 32), tf.int32)
