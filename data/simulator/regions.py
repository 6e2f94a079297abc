"""The regions and platforms of the marketplace, and tables with a row for each region."""

from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from data.simulator.draws import Floats

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Table = TypeVar("Table", bound=DataclassInstance)
else:
    Table = TypeVar("Table")

REGIONS = ("US", "GB", "DE", "FR", "CA", "AU", "IT", "ES", "JP", "FI")
LANGUAGES = ("en", "en", "de", "fr", "en", "en", "it", "es", "ja", "fi")
PLATFORMS = ("web", "app")
WEB, APP = range(2)


def table(*values: float) -> Floats:
    """A column with a value for each region, float [R]."""
    return np.array(values, dtype=np.float32)


# Share of all lists by region.
SHARES = table(0.38, 0.18, 0.12, 0.09, 0.07, 0.055, 0.04, 0.03, 0.03, 0.005)


def alike(parameters: Table) -> Table:
    """The same parameters without differences between regions.

    Args:
        parameters: a dataclass whose fields are arrays [R, ...].

    Returns:
        A copy in which every row is the mean of all rows, weighted by the regions' lists.
    """
    means = {}
    for field in fields(parameters):
        values = getattr(parameters, field.name)
        mean = np.tensordot(SHARES, values, axes=1)
        means[field.name] = np.broadcast_to(mean, values.shape).astype(np.float32)
    return replace(parameters, **means)
