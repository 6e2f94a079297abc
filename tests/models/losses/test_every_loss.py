import math
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_recommenders as tfrs

from models.config import LossName, TaskLoss
from models.losses import Labels, build_loss
from models.losses.approx_ndcg_loss import ApproxNDCGLoss
from models.losses.gumbel_approx_ndcg_loss import GumbelApproxNDCGLoss
from models.losses.lambda_loss import LambdaLoss
from models.losses.sigmoid_cross_entropy_loss import SigmoidCrossEntropyLoss
from models.losses.softmax_loss import SoftmaxLoss

NAN = float("nan")
Lists = list[list[float]]

LISTWISE: dict[str, Callable[[], tf.keras.losses.Loss]] = {
    "softmax": SoftmaxLoss,
    "approx_ndcg": ApproxNDCGLoss,
    "gumbel_approx_ndcg": lambda: GumbelApproxNDCGLoss(1.0, lambda: tf.constant(1), noise=0.0),
    "lambda": LambdaLoss,
}
ALL = {**LISTWISE, "sigmoid_cross_entropy": SigmoidCrossEntropyLoss}

FIRST = ([1.0, 0.0, 0.0], [0.5, 0.2, -0.1])
LONGER = ([0.0, 1.0, 0.0, 1.0, 0.0, 0.0], [0.3, -0.4, 2.0, 0.1, 0.7, -1.5])
WITHOUT = ([0.0, 0.0, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4])


def _compute(
    loss: tf.keras.losses.Loss, labels: Lists, logits: Lists, weights: list[float] | None = None
) -> tuple[float, np.ndarray]:
    """The loss and its gradient by logit."""
    scores = tf.ragged.constant(logits, ragged_rank=1, dtype=tf.float32)
    truth = tf.ragged.constant(labels, ragged_rank=1, dtype=tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(scores.flat_values)
        value = loss(truth, scores, None if weights is None else tf.constant(weights))
    gradient = tape.gradient(value, scores.flat_values)
    return float(value), tf.convert_to_tensor(gradient).numpy()


@pytest.mark.parametrize("name", LISTWISE)
def test_longer_lists_in_the_batch_change_neither_loss_nor_gradient(name: str) -> None:
    alone, gradient = _compute(LISTWISE[name](), [FIRST[0]], [FIRST[1]])
    other, _ = _compute(LISTWISE[name](), [LONGER[0]], [LONGER[1]])
    both, padded = _compute(LISTWISE[name](), [FIRST[0], LONGER[0]], [FIRST[1], LONGER[1]])
    assert both == pytest.approx((alone + other) / 2, abs=1e-6)
    np.testing.assert_allclose(padded[:3], gradient / 2, atol=1e-6)


def test_pointwise_loss_is_averaged_over_items_of_lists_of_any_length() -> None:
    alone, gradient = _compute(SigmoidCrossEntropyLoss(), [FIRST[0]], [FIRST[1]])
    other, _ = _compute(SigmoidCrossEntropyLoss(), [LONGER[0]], [LONGER[1]])
    both, padded = _compute(SigmoidCrossEntropyLoss(), [FIRST[0], LONGER[0]], [FIRST[1], LONGER[1]])
    assert both == pytest.approx((3 * alone + 6 * other) / 9, abs=1e-6)
    np.testing.assert_allclose(padded[:3], gradient * 3 / 9, atol=1e-6)


@pytest.mark.parametrize("graded", [False, True])
def test_however_lists_are_batched_their_loss_is_the_same(graded: bool) -> None:
    config = TaskLoss(losses=dict.fromkeys(ALL, 0.5))
    loss = build_loss(config, step=lambda: tf.constant(1))

    def sums(*lists: tuple[list[float], list[float]]) -> np.ndarray:
        labels = tf.ragged.constant(
            [labels for labels, _ in lists], ragged_rank=1, dtype=tf.float32
        )
        logits = tf.ragged.constant(
            [logits for _, logits in lists], ragged_rank=1, dtype=tf.float32
        )
        weights = tf.constant([float(len(one)) for one, _ in lists])
        return loss.sums(Labels(labels, labels) if graded else labels, logits, weights).numpy()

    whole = loss.mean_over_relevant(sums(FIRST, WITHOUT, LONGER, WITHOUT))
    parts = loss.mean_over_relevant(sums(FIRST) + sums(WITHOUT) + sums(LONGER, WITHOUT))
    assert parts == pytest.approx(whole, abs=1e-6)


def test_batches_count_by_their_weight() -> None:
    loss = build_loss(TaskLoss(losses={"softmax": 2.0, "sigmoid_cross_entropy": 0.5}))
    # Two batches: softmax sums 3 over 2 of 4 lists and 1 over 0.5 of 6, the other 4 over 10 and 6
    # over 30.
    sums = np.array([[3.0, 2.0, 4.0], [4.0, 10.0, 10.0]])
    sums += np.array([[1.0, 0.5, 6.0], [6.0, 30.0, 30.0]])
    pointwise = 0.5 * (4 + 6) / (10 + 30)
    assert loss.mean_over_relevant(sums) == pytest.approx(2 * (3 + 1) / (2 + 0.5) + pointwise)
    assert loss.mean_as_trained(sums) == pytest.approx(2 * (3 + 1) / (4 + 6) + pointwise)
    # No list has anything relevant: the items' labels alone are measured.
    nothing = np.array([[0.0, 0.0, 4.0], [4.0, 10.0, 10.0]])
    assert (
        loss.mean_over_relevant(nothing)
        == loss.mean_as_trained(nothing)
        == pytest.approx(0.5 * 4 / 10)
    )
    assert math.isnan(loss.mean_over_relevant(np.zeros([2, 3])))
    assert math.isnan(loss.mean_as_trained(np.zeros([2, 3])))


@pytest.mark.parametrize("name", ["softmax", "approx_ndcg", "lambda"])
def test_a_mean_over_all_lists_counts_a_task_by_the_lists_in_which_it_was_done(
    name: LossName,
) -> None:
    lists = [FIRST, WITHOUT, LONGER, ([NAN, NAN], [0.3, 0.1])]
    labels, logits = ([one[place] for one in lists] for place in (0, 1))
    weights = [2.0, 3.0, 1.0, 4.0]
    alike, counted = (
        build_loss(TaskLoss(losses={name: 1.0}, mean_over=over))
        for over in ("relevant_lists", "all_lists")
    )
    value, gradient = _compute(alike, labels, logits, weights)
    other, smaller = _compute(counted, labels, logits, weights)
    # Nothing is known of the last list.
    share = (2 + 1) / (2 + 3 + 1)
    assert other == pytest.approx(share * value, abs=1e-6)
    np.testing.assert_allclose(smaller, share * gradient, atol=1e-6)
    ragged = [tf.ragged.constant(one, ragged_rank=1, dtype=tf.float32) for one in (labels, logits)]
    sums = counted.sums(*ragged, tf.constant(weights)).numpy()
    assert counted.mean_over_relevant(sums) == pytest.approx(value, abs=1e-6)
    assert counted.mean_as_trained(sums) == pytest.approx(other, abs=1e-6)


def test_pointwise_losses_are_the_same_whatever_lists_are_averaged_over() -> None:
    lists = [FIRST, WITHOUT]
    labels, logits = ([one[place] for one in lists] for place in (0, 1))
    values = [
        _compute(
            build_loss(TaskLoss(losses={"sigmoid_cross_entropy": 1.0}, mean_over=over)),
            labels,
            logits,
        )[0]
        for over in ("relevant_lists", "all_lists")
    ]
    assert values[0] == values[1]


@pytest.mark.parametrize("name", ALL)
def test_empty_lists_add_nothing(name: str) -> None:
    alone, gradient = _compute(ALL[name](), [FIRST[0]], [FIRST[1]])
    padded, same = _compute(ALL[name](), [[], FIRST[0], []], [[], FIRST[1], []])
    assert padded == alone
    np.testing.assert_array_equal(same, gradient)


@pytest.mark.parametrize("name", LISTWISE)
def test_lists_without_anything_relevant_change_no_gradient(name: str) -> None:
    alone, gradient = _compute(LISTWISE[name](), [FIRST[0]], [FIRST[1]])
    more, padded = _compute(
        LISTWISE[name](), [WITHOUT[0], FIRST[0], WITHOUT[0]], [WITHOUT[1], FIRST[1], WITHOUT[1]]
    )
    assert more == pytest.approx(alone, abs=1e-7)
    np.testing.assert_allclose(padded, [*[0] * 4, *gradient, *[0] * 4], atol=1e-7)


@pytest.mark.parametrize("name", LISTWISE)
def test_lists_of_one_item_add_nothing(name: str) -> None:
    alone, gradient = _compute(LISTWISE[name](), [FIRST[0]], [FIRST[1]])
    more, padded = _compute(
        LISTWISE[name](), [[1.0], FIRST[0], [1.0, NAN]], [[2.0], FIRST[1], [2.0, 1.0]]
    )
    assert more == pytest.approx(alone, abs=1e-7)
    np.testing.assert_allclose(padded, [0, *gradient, 0, 0], atol=1e-7)


@pytest.mark.parametrize("name", ALL)
def test_missing_label_leaves_out_the_item(name: str) -> None:
    without, gradient = _compute(ALL[name](), [[1.0, 0.0]], [[0.5, 0.2]])
    missing, padded = _compute(ALL[name](), [[1.0, 0.0, NAN]], [[0.5, 0.2, 9.0]])
    assert missing == pytest.approx(without, abs=1e-7)
    np.testing.assert_allclose(padded, [*gradient, 0], atol=1e-7)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    ("labels", "logits"),
    [([[NAN, NAN], [NAN]], [[1.0, 2.0], [3.0]]), ([[], []], [[], []]), ([], [])],
)
def test_batch_without_labels_adds_zero(name: str, labels: Lists, logits: Lists) -> None:
    value, gradient = _compute(ALL[name](), labels, logits)
    assert value == 0
    assert not gradient.any()


@pytest.mark.parametrize("name", LISTWISE)
def test_list_weights_weigh_the_average(name: str) -> None:
    first, _ = _compute(LISTWISE[name](), [FIRST[0]], [FIRST[1]])
    longer, _ = _compute(LISTWISE[name](), [LONGER[0]], [LONGER[1]])
    labels, logits = [FIRST[0], WITHOUT[0], LONGER[0]], [FIRST[1], WITHOUT[1], LONGER[1]]
    both, _ = _compute(LISTWISE[name](), labels, logits, [3.0, 5.0, 1.0])
    assert both == pytest.approx((3 * first + 1 * longer) / 4, abs=1e-6)
    none, gradient = _compute(LISTWISE[name](), labels, logits, [0.0, 1.0, 0.0])
    assert none == 0
    assert not gradient.any()


@pytest.mark.parametrize("name", LISTWISE)
def test_very_low_logits_rank_above_padding(name: str) -> None:
    low = [score - 80 for score in FIRST[1]]
    labels, logits = [FIRST[0], LONGER[0]], [FIRST[1], LONGER[1]]
    expected, gradient = _compute(LISTWISE[name](), labels, logits)
    value, shifted = _compute(LISTWISE[name](), labels, [low, LONGER[1]])
    assert value == pytest.approx(expected, abs=1e-5)
    np.testing.assert_allclose(shifted, gradient, atol=1e-5)


@pytest.mark.parametrize("name", ALL)
def test_permuting_items_permutes_gradients(name: str) -> None:
    value, gradient = _compute(ALL[name](), [LONGER[0]], [LONGER[1]])
    order = [4, 2, 0, 5, 1, 3]
    permuted, moved = _compute(
        ALL[name](), [[LONGER[0][i] for i in order]], [[LONGER[1][i] for i in order]]
    )
    assert permuted == pytest.approx(value, abs=1e-6)
    np.testing.assert_allclose(moved, gradient[order], atol=1e-6)


@pytest.mark.parametrize("name", LISTWISE)
def test_loss_falls_as_the_relevant_item_rises(name: str) -> None:
    _, gradient = _compute(LISTWISE[name](), [FIRST[0]], [FIRST[1]])
    assert gradient[0] < 0
    assert gradient[1:].sum() > 0


def test_task_loss_is_the_weighted_sum() -> None:
    names = {"softmax": 1.0, "sigmoid_cross_entropy": 0.1}
    labels, logits = [FIRST[0], WITHOUT[0]], [FIRST[1], WITHOUT[1]]
    both, _ = _compute(build_loss(TaskLoss(losses=names)), labels, logits)
    listwise, _ = _compute(SoftmaxLoss(), labels, logits)
    pointwise, _ = _compute(SigmoidCrossEntropyLoss(), labels, logits)
    assert both == pytest.approx(listwise / 2 + 0.1 * pointwise, abs=1e-6)


def test_binary_labels_are_clipped() -> None:
    loss = build_loss(TaskLoss(losses={"softmax": 1.0, "sigmoid_cross_entropy": 1.0}))
    clipped, _ = _compute(loss, [[3.0, 1.0, 0.0]], [FIRST[1]])
    expected, _ = _compute(loss, [[1.0, 1.0, 0.0]], [FIRST[1]])
    assert clipped == expected


@pytest.mark.parametrize("name", LISTWISE)
def test_graded_relevance_is_for_listwise_losses_alone(name: str) -> None:
    config = TaskLoss(losses={name: 1.0, "sigmoid_cross_entropy": 1.0}, graded=True)
    loss = build_loss(config, step=lambda: tf.constant(1))
    if name == "gumbel_approx_ndcg":
        loss.losses[name] = LISTWISE[name]()
    label = tf.ragged.constant([[1.0, 0.0, 0.0]])
    relevance = tf.ragged.constant([[2.0, 1.0, 0.0]])
    logits = tf.ragged.constant([FIRST[1]])
    listwise, _ = _compute(LISTWISE[name](), [[2.0, 1.0, 0.0]], [FIRST[1]])
    pointwise, _ = _compute(SigmoidCrossEntropyLoss(), [[1.0, 0.0, 0.0]], [FIRST[1]])
    found = float(loss(Labels(label, relevance), logits))
    assert found == pytest.approx(listwise + pointwise, abs=1e-6)


def test_goes_through_a_recommenders_task_in_a_graph() -> None:
    config = TaskLoss(losses=dict.fromkeys(ALL, 1.0), graded=True)
    task = tfrs.tasks.Ranking(loss=build_loss(config, step=lambda: tf.constant(1)))

    @tf.function(autograph=False)
    def compute(labels: Labels, logits: tf.RaggedTensor, weights: tf.Tensor) -> tf.Tensor:
        return task(labels, logits, sample_weight=weights)

    labels = tf.ragged.constant([LONGER[0], FIRST[0], []], dtype=tf.float32)
    logits = tf.ragged.constant([LONGER[1], FIRST[1], []], dtype=tf.float32)
    assert np.isfinite(compute(Labels(labels, labels), logits, tf.ones(3)).numpy())


def test_a_sampled_loss_needs_the_step() -> None:
    with pytest.raises(ValueError, match="gumbel_approx_ndcg"):
        build_loss(TaskLoss(losses={"gumbel_approx_ndcg": 1.0}))
