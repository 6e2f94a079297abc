"""What a search has found, as a file and for the screen."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from components.evaluator.config import GRADED
from data.definition.base import Definition
from pipeline.tuning.definition_text import with_sections
from pipeline.tuning.importance import Importance, importances
from pipeline.tuning.lists import JudgedLists
from pipeline.tuning.search import CONFIDENCE, Found
from pipeline.tuning.settings import SEARCHED
from pipeline.tuning.trials import Trial

# Draws of a ranker below which the importance of settings is noise.
FEWEST_TRIALS = 8


class TrialResult(Definition):
    """A setting that was tried.

    Attributes:
        ranker: name of the ranker.
        drawn: values by place in the definition; empty as the definition has them.
        ndcg: mean graded NDCG of the score on validation lists, by seed of the training.
    """

    ranker: str
    drawn: dict[str, Any]
    ndcg: dict[int, float]


class TargetChange(Definition):
    """The best setting against the definition, on the further seeds.

    Attributes:
        before: mean NDCG of the definition; None where no list counts.
        after: that of the best setting.
        relative: change as a share of `before`.
        low: lower end of its interval.
        high: upper end.
        lists: validation lists that count.
    """

    before: float | None
    after: float | None
    relative: float | None
    low: float | None
    high: float | None
    lists: int


class SettingImportance(Definition):
    """How much a setting has mattered; see `pipeline.tuning.importance`.

    Attributes:
        place: place in the definition.
        share: share of the variance among trials, less what chance puts there.
        error: its standard error.
        chance: share of shuffled trials in which it is as large.
        means: mean NDCG by value.
        before: the definition's value.
        found: the value of the best setting.
    """

    place: str
    share: float
    error: float
    chance: float
    means: dict[str, float]
    before: Any
    found: Any


class TuningResult(Definition):
    """The content of tuning.json.

    Attributes:
        metric: what is judged, such as `ndcg@10`, of graded relevance by the score.
        definition: the definition's values of all settings that are searched, by place.
        trials: all settings; the first is the definition as it is.
        best: place of the best one among them; 0 where none was better than the definition.
        finalists: places of those that were trained with further seeds beside the first.
        seeds: the seed of the search, then the further ones.
        confidence: level of the intervals.
        changes: the best against the first, by target.
        beyond_chance: whether the interval of the graded NDCG's change lies above 0.
        importance: what mattered, by ranker, the most important first.
    """

    metric: str
    definition: dict[str, Any]
    trials: tuple[TrialResult, ...]
    best: int
    finalists: tuple[int, ...]
    seeds: tuple[int, ...]
    confidence: float
    changes: dict[str, TargetChange]
    beyond_chance: bool
    importance: dict[str, tuple[SettingImportance, ...]]


def result_of(found: Found, metric: str, judged: JudgedLists) -> TuningResult:
    """Gathers what a search has found.

    Args:
        found: the search.
        metric: what it was judged by.
        judged: the validation lists.

    Returns:
        The result.
    """
    trials, first = found.trials, found.trials[0]
    further = found.seeds[1:]
    results = [
        TrialResult(
            ranker=trial.ranker,
            drawn=dict(trial.drawn),
            ndcg={seed: trial.mean([seed], GRADED, judged.weights) for seed in trial.ndcg},
        )
        for trial in trials
    ]
    changes = {
        target: TargetChange(
            before=_known(first.mean(further, target, judged.weights)),
            after=_known(change.ndcg),
            relative=_known(change.relative),
            low=_known(change.low),
            high=_known(change.high),
            lists=change.lists,
        )
        for target, change in found.changes.items()
    }
    return TuningResult(
        metric=metric,
        definition=definition_values(first),
        trials=tuple(results),
        best=next(number for number, trial in enumerate(trials) if trial is found.best),
        finalists=tuple(found.finalists),
        seeds=tuple(found.seeds),
        confidence=CONFIDENCE,
        changes=changes,
        beyond_chance=found.beyond_chance,
        importance=_importance(found, results),
    )


def _importance(
    found: Found, results: Sequence[TrialResult]
) -> dict[str, tuple[SettingImportance, ...]]:
    """By the trainings of the search alone, one of each setting."""
    seed = found.seeds[0]
    of_rankers = {}
    for ranker in dict.fromkeys(trial.ranker for trial in found.trials):
        tried = [one for one in results if one.ranker == ranker and one.drawn]
        if len(tried) < FEWEST_TRIALS:
            continue
        searched = [one for one in SEARCHED if one.place in tried[0].drawn]
        ndcg = [one.ndcg[seed] for one in tried]
        of_rankers[ranker] = tuple(
            _described(one, found) for one in importances(searched, [t.drawn for t in tried], ndcg)
        )
    return {ranker: rows for ranker, rows in of_rankers.items() if rows}


def _described(importance: Importance, found: Found) -> SettingImportance:
    return SettingImportance(
        **importance._asdict(),
        before=value_at(found.trials[0], importance.place),
        found=value_at(found.best, importance.place),
    )


def value_at(trial: Trial, place: str) -> Any:
    """The value of a setting in a trial; None where the definition has none."""
    value: Any = trial.config.resolved().model_dump(mode="json")
    for name in place.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def definition_values(first: Trial) -> dict[str, Any]:
    """The values of all settings that are searched in the definition as it is, by place."""
    return {one.place: value_at(first, one.place) for one in SEARCHED}


def differing(drawn: Mapping[str, Any], definition: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a draw that are not those of the definition, by place."""
    return {place: value for place, value in drawn.items() if value != definition[place]}


def tuned_definition(text: str, place: str, found: Found, result: TuningResult) -> str:
    """The definition with the best settings, as YAML.

    Args:
        text: the definition that was searched with, as YAML.
        place: where it comes from, for messages.
        found: the search.
        result: what it has found.

    Returns:
        The text, which says what it is in its first lines.
    """
    return _head(result) + with_sections(text, found.best.setting, place)


def _head(result: TuningResult) -> str:
    change = result.changes[GRADED]
    if result.best == 0:
        told = "none was better than the definition, which stands as it was."
    else:
        sure = "" if result.beyond_chance else ", not beyond chance"
        told = (
            f"graded {result.metric} {change.before:.4f} > {change.after:.4f}, "
            f"{change.relative:+.2%} [{change.low:+.2%}, {change.high:+.2%}]{sure}."
        )
    return (
        f"# Found by `seqmd tune` among {len(result.trials)} settings, on validation lists:\n"
        f"# {told}\n\n"
    )


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
