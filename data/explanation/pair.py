"""Why one item of a list stands above another, as a node writes it and the report reads it."""

from data.definition.base import Definition


class FeatureShare(Definition):
    """What a feature adds to the difference of two items' scores.

    Attributes:
        feature: its name.
        share: in units of the score.
        values: of both items, as text; None for a feature of the list, which both share.
    """

    feature: str
    share: float
    values: tuple[str, str] | None = None


class Pair(Definition):
    """Why the first item of a list stands above the second one; see docs/explain.md.

    Attributes:
        list_id: of the list.
        region: of the list.
        items: how many it has.
        places: of the two items among those of the list, from 1.
        scores: of both.
        features: the largest share first; the shares add up to the difference of the scores.
        residual: what they leave of it.
    """

    list_id: str
    region: str
    items: int
    places: tuple[int, int]
    scores: tuple[float, float]
    features: tuple[FeatureShare, ...]
    residual: float
