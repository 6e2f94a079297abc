"""The choice of a setting in each fold."""

from benchmarks.cross_validation.folds import Trial
from benchmarks.cross_validation.validation_choice import choose_settings

TRIALS = [Trial(0, 1), Trial(0, 2), Trial(1, 1), Trial(1, 2)]


def validated(values: list[list[float]]) -> dict[tuple[Trial, int], float]:
    return {
        (trial, setting): value
        for trial, of_trial in zip(TRIALS, values, strict=True)
        for setting, value in enumerate(of_trial)
    }


def test_each_fold_takes_its_best_setting_on_average_over_seeds() -> None:
    # Fold 0: (.1 + .5) / 2 = .3 against (.4 + .1) / 2 = .25. Fold 1: .2 against .3.
    values = [[0.1, 0.4], [0.5, 0.1], [0.2, 0.3], [0.2, 0.3]]
    assert choose_settings(validated(values), TRIALS, 2) == {0: 0, 1: 1}


def test_the_first_of_equal_settings_is_taken() -> None:
    assert choose_settings(validated([[0.5, 0.5]] * 4), TRIALS, 2) == {0: 0, 1: 0}
