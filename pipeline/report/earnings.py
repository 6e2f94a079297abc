"""What the new order is expected to earn, for people who decide about an A/B test."""

from collections.abc import Mapping
from typing import Any

from data.counterfactual.estimators import DOUBLY_ROBUST, SELF_NORMALISED
from pipeline.report.charts.dots import Dots, Mark, Row, dots
from pipeline.report.ranking import MOST_BARS

Content = Mapping[str, Any]

# Beyond it, "so many times as many lists" says no more than that they cannot tell.
_MOST_TIMES = 50


def main_traffic(found: Content) -> str:
    """The lists that the new order is compared on: the usual ones, where they are told apart."""
    usual = any(one["traffic"] == "usual" and one["lists"] for one in found["slices"])
    return "usual" if usual else "all"


def earning_slice(found: Content, traffic: str, region: str | None = None) -> Any:
    """The results of some lists; None where there are none."""
    for one in found["slices"]:
        if (one["traffic"], one["region"]) == (traffic, region) and one["lists"]:
            return one
    return None


def lift_of(part: Content, target: str, estimator: str = DOUBLY_ROBUST) -> Any:
    """The lift of a target by an estimator, with its interval; None where it was not estimated."""
    estimate = part["targets"][target]["estimates"].get(estimator)
    return estimate["lift"] if estimate else None


def earning_charts(found: Content, smallest: int) -> list[Dots | None]:
    """A chart a target: the lift on the usual lists as a whole and by region, and on random ones.

    Args:
        found: the counterfactual results.
        smallest: lists below which a row is pale.

    Returns:
        The charts.
    """
    traffic = main_traffic(found)
    shown = [one for one in found["slices"] if one["traffic"] == traffic and one["lists"]]
    random = earning_slice(found, "randomised")
    rows = [*shown[:1], *([random] if random else []), *shown[1:MOST_BARS]]
    charts = []
    for target in shown[0]["targets"] if shown else ():
        drawn = [_row(one, target, smallest) for one in rows]
        charts.append(dots(target, "% more than was shown", drawn, with_zero=True, percent=True))
    return charts


def _row(part: Content, target: str, smallest: int) -> Row:
    lift = lift_of(part, target) or {}
    free = lift_of(part, target, SELF_NORMALISED) or {}
    marks = (
        Mark("other", "without a curve", free.get("value")),
        Mark("a", "new order", *(lift.get(end) for end in ("value", "low", "high"))),
    )
    names = {"all": "all lists", "usual": "usual order", "randomised": "random order"}
    return Row(part["region"] or names[part["traffic"]], marks, faint=part["lists"] < smallest)


def verdicts(found: Content) -> list[tuple[str, str]]:
    """By target, in a sentence, what to expect of the new order and what to do about it."""
    part = earning_slice(found, main_traffic(found))
    return [(target, _verdict(lift_of(part, target))) for target in part["targets"]] if part else []


def _verdict(lift: Content) -> str:
    value, low, high = (lift[end] for end in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return "not measurable: too few lists with this action."
    change = f"{abs(value):.1%} {'more' if value >= 0 else 'less'}"
    said = f"{change} than what was shown (from {low:+.1%} to {high:+.1%})"
    if low > 0:
        return f"{said}. More is to be expected: worth an A/B test."
    if high < 0:
        return f"{said}. Less is to be expected: find out why before users see it."
    times = ((high - low) / 2 / value) ** 2 if value else _MOST_TIMES + 1
    if times > _MOST_TIMES:
        return f"{said}. These lists show no difference: an A/B test would have to be a large one."
    return (
        f"{said}. These lists cannot tell: about {max(2, round(times))} times as many would, "
        "if it stays at that."
    )


def doubts(found: Content) -> list[str]:
    """What speaks against taking the estimates at their word, in sentences."""
    part = earning_slice(found, main_traffic(found))
    said = []
    if found["examination"] and found["examination"]["source"] == "shown":
        corrected = found["examination"].get("corrected")
        said.append(
            "How much each position is looked at was estimated from shown orders, as far as the "
            f"model{', trained with position bias corrected,' if corrected else ''} knows what is "
            "wanted. Lists in random order would say it without the model."
        )
    clipped = max((one["estimates"][DOUBLY_ROBUST]["clipped"] for one in _targets(part)), default=0)
    if clipped > 0:
        said.append(
            f"{clipped:.1%} of the items moved up so far that their weight was cut to "
            f"{found['largest_weight']:g}: the model alone speaks for the rest."
        )
    if found["lists_left_out"]:
        said.append(f"{found['lists_left_out']:,} lists without known positions are left out.")
    said += [f"{target}: {_DISAGREE}" for target in disagreements(found)]
    return said


_DISAGREE = (
    "on lists in random order the estimate without a curve is another one: actions may depend on "
    "more than the item and its position."
)


def _targets(part: Any) -> list[Content]:
    return list(part["targets"].values()) if part else []


def disagreements(found: Content) -> list[str]:
    """Targets of which the estimates with and without a curve lie outside of each other."""
    part = earning_slice(found, "randomised")
    names = []
    for target in part["targets"] if part else ():
        curve, free = lift_of(part, target), lift_of(part, target, SELF_NORMALISED)
        if None in (curve["low"], free["low"]):
            continue
        if free["low"] > curve["high"] or free["high"] < curve["low"]:
            names.append(target)
    return names
