"""Names of what the transform graph makes of a feature; no other feature may have them."""

from collections.abc import Iterator

from data.feature import Feature

ROW_LENGTHS = "row__lengths"


def missing(name: str) -> str:
    """Key of the float indicator of a missing numeric or vector value."""
    return f"{name}__missing"


def within_list(name: str, version: str) -> str:
    """Key of a feature's version relative to its list: `percentile` or `standardised`."""
    return f"{name}__{version}"


def derived_names(feature: Feature) -> Iterator[str]:
    """All keys that are made of a feature's name."""
    yield missing(feature.name)
    for version in feature.within_list or ():
        yield within_list(feature.name, version)
