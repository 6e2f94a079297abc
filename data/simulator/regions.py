"""The regions and platforms of the marketplace, what their users like, and tables by region."""

from dataclasses import fields, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from data.simulator.draws import Floats

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Table = TypeVar("Table", bound=DataclassInstance)
else:
    Table = TypeVar("Table")
from dataclasses import dataclass

REGIONS = ("US", "GB", "DE", "FR", "CA", "AU", "IT", "ES", "JP", "FI")
LANGUAGES = ("en", "en", "de", "fr", "en", "en", "it", "es", "ja", "fi")
PLATFORMS = ("web", "app")
WEB, APP = range(2)
STYLES = 6
STYLE_LENGTH = 8


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


def _style_centres() -> Floats:
    style, dimension = np.ogrid[1 : STYLES + 1, 1 : STYLE_LENGTH + 1]
    centres = np.sin(1.7 * style * dimension + style)
    return (centres / np.linalg.norm(centres, axis=1, keepdims=True)).astype(np.float32)


# The centres of the styles that listings come in, float [STYLES, STYLE_LENGTH].
STYLE_CENTRES = _style_centres()


@dataclass(frozen=True)
class Tastes:
    """Parameters of users' preferences; all arrays have a row for each region.

    Attributes:
        price_ideal: float [R], the log price that is liked best, from the category's level.
        patience: float [R], days of delivery that are still accepted.
        rating_floor: float [R], the seller rating below which people hesitate.
        home: float [R], what a domestic listing has over a foreign one.
        bargain: float [R], what a foreign listing gains if it is cheaper than ideal.
        discount_ideal: float [R], the discount that attracts most; beyond it looks suspicious.
        style_ideal: float [R, STYLE_LENGTH], the style that is liked best.
        conditions: float [R, K], appeal of each condition.
    """

    price_ideal: Floats
    patience: Floats
    rating_floor: Floats
    home: Floats
    bargain: Floats
    discount_ideal: Floats
    style_ideal: Floats
    conditions: Floats


def _style_ideals() -> Floats:
    region = np.arange(len(REGIONS))
    return 0.8 * STYLE_CENTRES[region % STYLES] + 0.4 * STYLE_CENTRES[(2 * region + 1) % STYLES]


#                            US    GB    DE    FR    CA    AU    IT    ES    JP    FI
_CONDITIONS = np.array(
    [
        table(0.3, -0.3, 0.7, -0.5, 0.2, -0.2, -0.6, 0.3, 0.9, 0.0),
        table(0.0, 0.5, -0.5, 0.6, 0.5, 0.0, 0.9, -0.4, 0.2, 0.3),
        table(-0.5, 0.8, -0.9, 0.9, -0.4, 0.7, 0.4, -0.7, -1.0, -0.3),
        table(-0.4, -0.6, 0.5, -1.0, 0.2, -0.3, -0.9, 0.6, -1.2, 0.8),
    ]
).T


TASTES = Tastes(
    price_ideal=table(0.1, -0.5, 0.6, 0.2, -0.7, 0.4, -0.6, -0.9, 0.8, 0.3),
    patience=table(4.0, 6.0, 3.0, 8.0, 9.0, 11.0, 7.0, 10.0, 3.0, 10.0),
    rating_floor=table(4.5, 4.2, 4.7, 3.9, 4.3, 4.1, 4.0, 3.7, 4.8, 4.2),
    home=table(0.6, -0.5, 0.7, 0.9, -0.8, -0.7, 0.8, -0.9, 1.0, -0.8),
    bargain=table(0.1, 0.6, -0.2, 0.3, 0.6, 0.4, -0.1, 0.9, -0.4, 0.5),
    discount_ideal=table(0.4, 0.3, 0.1, 0.2, 0.4, 0.3, 0.2, 0.5, 0.1, 0.2),
    style_ideal=_style_ideals(),
    conditions=_CONDITIONS,
)


def tastes(regional: bool) -> Tastes:
    """Users' preferences, with or without regional differences."""
    return TASTES if regional else alike(TASTES)
