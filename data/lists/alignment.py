"""Parsed features of lists, made flat: what a list lacks is filled in, the rest is checked."""

from collections.abc import Mapping, Sequence

import tensorflow as tf

# Values [B, None] of features by name, and how many of them are a row.
Parsed = Mapping[str, tuple[tf.RaggedTensor, int]]


def aligned(
    item: Parsed, context: Parsed, history: Parsed, spare: bool = False
) -> tuple[dict[str, tf.Tensor], tf.Tensor, tf.Tensor | None]:
    """Flat values of every feature, whole for all lists, with the items and entries of each list.

    Args:
        item: values [B, None] and their number for an item, by name.
        context: values and their number for a list, by name.
        history: values and their number for an entry of the history, by name.
        spare: whether a malformed list loses its values instead of being an error.

    Returns:
        The values; items of each list, int64 [B]; entries of each history, None without histories.
    """
    columns = {**item, **context, **history}
    names = list(columns)
    widths = tf.constant([[width] for _, width in columns.values()], tf.int64)
    # What the rows of features are as many as: items of the list, and entries of the history.
    followers = [tf.constant([[name in own] for name in names]) for own in (item, history) if own]

    def lengths(found: tf.Tensor) -> tuple[list[tf.Tensor], tf.Tensor]:
        rows = [tf.reduce_max(tf.where(own, found // widths, 0), axis=0) for own in followers]
        wanted: tf.Tensor | int = 1
        for own, of_lists in zip(followers, rows, strict=True):
            wanted = tf.where(own, of_lists, wanted)
        return rows, wanted * widths

    # All features of a type are one tensor, so that what follows is one operation each.
    splits = tf.stack([values.row_splits for values, _ in columns.values()])
    found = splits[:, 1:] - splits[:, :-1]
    of_lists, wanted = lengths(found)
    types = [values.dtype for values, _ in columns.values()]
    groups = {dtype: [n for n, one in enumerate(types) if one == dtype] for dtype in set(types)}
    joined = [
        tf.concat([columns[names[place]][0].flat_values for place in places], axis=0)
        for places in groups.values()
    ]

    def mended() -> list[tf.Tensor]:
        wrong = (found != wanted) & (found != 0)
        kept, given, check = found, joined, tf.no_op()
        if spare:
            malformed = tf.reduce_any(wrong, axis=0)
            kept = tf.where(malformed, tf.constant(0, tf.int64), found)
            given = [
                tf.boolean_mask(one, _repeated(kept > 0, found, places))
                for one, places in zip(joined, groups.values(), strict=True)
            ]
        else:
            partly = tf.boolean_mask(tf.constant(names), tf.reduce_any(wrong, axis=1))
            each = "of its items and past actions" if history else "of its items"
            message = f"a list must have a value for each {each}, or for none; features:"
            check = tf.debugging.Assert(~tf.reduce_any(wrong), [message, partly], summarize=100)
        rows, complete = lengths(kept)
        with tf.control_dependencies([] if check is None else [check]):
            filled = [
                _filled(one, _repeated(kept > 0, complete, places))
                for one, places in zip(given, groups.values(), strict=True)
            ]
        return [*rows, *filled]

    whole = tf.cond(tf.reduce_all(found == wanted), lambda: [*of_lists, *joined], mended)
    of_lists, whole = whole[: len(followers)], whole[len(followers) :]
    sizes = _sizes(followers, of_lists) * widths[:, 0]
    values: dict[str, tf.Tensor] = {}
    for places, one in zip(groups.values(), whole, strict=True):
        parts = tf.split(one, tf.gather(sizes, places), num=len(places))
        values |= zip([names[place] for place in places], parts, strict=True)
    return values, of_lists[0], of_lists[1] if history else None


def _sizes(followers: Sequence[tf.Tensor], of_lists: Sequence[tf.Tensor]) -> tf.Tensor:
    """Rows of all lists together, int64 [F], of each feature; context features have one a list."""
    sizes = tf.size(of_lists[0], tf.int64)
    for own, rows in zip(followers, of_lists, strict=True):
        sizes = tf.where(own[:, 0], tf.reduce_sum(rows), sizes)
    return sizes


def _repeated(flags: tf.Tensor, times: tf.Tensor, features: Sequence[int]) -> tf.Tensor:
    """Flags [F, B] of some features, each as often as [F, B] says."""
    chosen, counts = (tf.reshape(tf.gather(one, features), [-1]) for one in (flags, times))
    return tf.repeat(chosen, counts)


def _filled(given: tf.Tensor, present: tf.Tensor) -> tf.Tensor:
    """Values where they are present, and what stands for missing ones elsewhere."""
    missing = tf.constant(float("nan") if given.dtype == tf.float32 else "", given.dtype)
    whole = tf.fill(tf.shape(present), missing)
    return tf.tensor_scatter_nd_update(whole, tf.where(present), given)
