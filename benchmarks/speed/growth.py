"""How time and memory grow with the rows."""

from collections.abc import Mapping
from typing import Any


def growth(
    small: Mapping[str, Mapping[str, Any]], large: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, float]]:
    """Compares the figures of two sizes.

    Args:
        small: figures by stage, from fewer rows.
        large: figures by stage.

    Returns:
        By stage: how many times as many `rows`, `seconds`, `cpu_seconds` and `peak_megabytes`, and
        `added_peak_megabytes`.
    """
    names = ("rows", "seconds", "cpu_seconds", "peak_megabytes")
    return {
        stage: {
            **{name: round(large[stage][name] / small[stage][name], 3) for name in names},
            "added_peak_megabytes": round(
                large[stage]["peak_megabytes"] - small[stage]["peak_megabytes"], 1
            ),
        }
        for stage in small
    }
