"""How many examples Hypothesis draws."""

from hypothesis import HealthCheck, settings


def drawn(examples: int) -> settings:
    """Settings for that many examples in `make test-all`, and a few of them in `make test`."""
    share = settings.default.max_examples / settings.get_profile("many").max_examples
    return settings(
        max_examples=max(1, round(examples * share)), suppress_health_check=list(HealthCheck)
    )
