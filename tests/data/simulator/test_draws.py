import numpy as np

from data.simulator.draws import Purpose, choose, stream, uniform


def test_choices_follow_the_weights_of_their_own_row() -> None:
    weights = np.array([[1, 1, 2], [0, 1, 0]], dtype=np.float32)
    rows = np.array([0, 0, 0, 0, 1, 1])
    uniforms = np.array([0.0, 0.24, 0.26, 0.51, 0.0, 0.99], dtype=np.float32)
    # Row 0 ends its choices at 1/4, 2/4 and 1; row 1 knows only choice 1.
    assert choose(weights, rows, uniforms).tolist() == [0, 0, 1, 2, 1, 1]


def test_the_largest_uniform_number_draws_the_last_choice() -> None:
    weights = np.full((3, 10), 0.1, dtype=np.float32)
    largest = np.nextafter(np.float32(1), np.float32(0))
    drawn = choose(weights, np.arange(3), np.full(3, largest))
    assert drawn.tolist() == [9, 9, 9]


def test_each_purpose_and_block_has_numbers_of_its_own() -> None:
    first = uniform(stream(1, Purpose.ACTIONS, 0), 5)
    assert np.array_equal(first, uniform(stream(1, Purpose.ACTIONS, 0), 5))
    for other in (
        stream(1, Purpose.ACTIONS, 1),
        stream(1, Purpose.ORDER, 0),
        stream(2, Purpose.ACTIONS),
    ):
        assert not np.any(first == uniform(other, 5))
