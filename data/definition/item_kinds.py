"""Kinds of items: products stand beside shops or articles that have features of their own."""

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.definition.feature import Feature

if TYPE_CHECKING:
    from data.definition.dataset import Dataset


def kind_feature(dataset: "Dataset") -> Feature | None:
    """The categorical item feature that says of which kind an item is.

    Args:
        dataset: the definition.

    Returns:
        The feature with the column `kind_of_item`; None where no column is named, or no such
        feature has it.
    """
    for feature in dataset.features:
        if feature.column == dataset.kind_of_item and _tells_kinds(feature):
            return feature
    return None


def has_feature(feature: Feature, kinds: pa.Array) -> np.ndarray:
    """Which items are of a kind that has a feature.

    Args:
        feature: the feature.
        kinds: the kind of each item, text or bytes [N], without nulls.

    Returns:
        bool [N].
    """
    if feature.kinds is None:
        return np.ones(len(kinds), bool)
    named = pa.array([kind.encode() for kind in feature.kinds], pa.binary()).cast(kinds.type)
    return pc.is_in(kinds, value_set=named).to_numpy(zero_copy_only=False)


def check_kinds(dataset: "Dataset") -> None:
    """Checks what a definition says of kinds.

    Args:
        dataset: the definition.

    Raises:
        ValueError: features name kinds and no column tells them, or the network would not know the
            kind of each item that is served.
    """
    limited = [feature.name for feature in dataset.features if feature.kinds is not None]
    if dataset.kind_of_item is None:
        if limited:
            raise ValueError(
                f"features: {limited} name kinds, but no `kind_of_item` says of which kind an item"
                " is"
            )
        return
    found = kind_feature(dataset)
    if found is None:
        raise ValueError(
            f"kind_of_item: expected a feature that tells the kind, found none of column"
            f" {dataset.kind_of_item!r} that is of scope item and categorical, as in"
            f" `{{name: kind, column: {dataset.kind_of_item}, scope: item, kind: categorical}}`"
        )
    if found.kinds is not None:
        raise ValueError(f"feature {found.name!r}: it tells kinds, and all of them must have it")
    if found.optional:
        raise ValueError(f"feature {found.name!r}: it tells kinds, and must not be optional")


def _tells_kinds(feature: Feature) -> bool:
    return (feature.scope, feature.kind) == ("item", "categorical")
