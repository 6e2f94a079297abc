"""Folds and validation lists of a cross-validation."""

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.laboratory.folds import Trial, choose_settings, divide, trials
from benchmarks.laboratory.logs import Parts
from data.definition import keys
from data.lists.lists import Lists

FOLDS, SHARE = 5, 0.2


def lists_of(users: list[str]) -> Lists:
    binary = pa.array([user.encode() for user in users], pa.binary())
    lengths = np.ones(len(users), np.int64)
    batch = pa.RecordBatch.from_arrays([binary], [keys.LIST_USER])
    return Lists(batch, batch, lengths)


@pytest.fixture(scope="module")
def lists() -> Lists:
    return lists_of([f"search {number}" for number in range(503)])


def parts_of(lists: Lists, fold: int, seed: int = 1) -> Parts:
    return divide(lists, Trial(fold, seed), FOLDS, SHARE)


def test_trials_are_all_pairs_of_fold_and_seed() -> None:
    assert list(trials(2, 2)) == [Trial(0, 1), Trial(0, 2), Trial(1, 1), Trial(1, 2)]


def test_every_list_is_in_one_part(lists: Lists) -> None:
    for trial in trials(FOLDS, 3):
        parts = divide(lists, trial, FOLDS, SHARE)
        np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(503))


def test_every_list_is_evaluated_once(lists: Lists) -> None:
    evaluated = [parts_of(lists, fold).evaluation for fold in range(FOLDS)]
    np.testing.assert_array_equal(np.sort(np.concatenate(evaluated)), np.arange(503))
    assert sorted(map(len, evaluated)) == [100, 100, 101, 101, 101]


def test_seeds_share_folds_but_no_validation_list(lists: Lists) -> None:
    parts = [parts_of(lists, 0, seed) for seed in range(1, 6)]
    for other in parts[1:]:
        np.testing.assert_array_equal(other.evaluation, parts[0].evaluation)
    validation = np.concatenate([one.validation for one in parts])
    # Five seeds at a fifth each: every list that is not evaluated validates once.
    others = np.setdiff1d(np.arange(503), parts[0].evaluation)
    np.testing.assert_array_equal(np.sort(validation), others)


def test_validation_has_its_share_of_the_other_lists(lists: Lists) -> None:
    # A share of .2 of about 402 lists is 80, with a deviation of sqrt(402 * .2 * .8) = 8.
    assert abs(len(parts_of(lists, 0).validation) - 80) < 4 * 8


def test_the_order_of_lists_does_not_matter(lists: Lists) -> None:
    names = [f"search {number}" for number in range(503)]
    turned = parts_of(lists_of(names[::-1]), 1)
    straight = parts_of(lists, 1)
    for one, other in zip(straight, turned, strict=True):
        assert set(one) == {502 - place for place in other}


def test_lists_of_a_user_stay_together() -> None:
    users = [f"user {number % 40}" for number in range(200)]
    for trial in trials(FOLDS, 2):
        parts = divide(lists_of(users), trial, FOLDS, SHARE)
        of_parts = [{users[place] for place in part} for part in parts]
        assert len(set.union(*of_parts)) == sum(map(len, of_parts)) == 40


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
