import math

import pytest
import tensorflow as tf

from data.errors import InputError
from seqmd import loss

LABELS = tf.ragged.constant([[1.0, 0.0], [0.0]])
LOGITS = tf.ragged.constant([[0.0, 0.0], [0.0]])


def test_weights_by_name_add_up() -> None:
    # Softmax over two equal logits: log 2, and so is the cross entropy of each of the three items.
    expected = 2 * math.log(2) + 0.5 * math.log(2)
    both = loss({"softmax": 2.0, "sigmoid_cross_entropy": 0.5})
    assert float(both(LABELS, LOGITS)) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("losses", "message"),
    [("sofmax", "loss: "), ({"softmax": -1.0}, "loss: "), ({}, "loss: ")],
)
def test_what_there_is_not_is_refused(losses: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        loss(losses)


def test_losses_that_draw_need_the_number_of_the_step() -> None:
    with pytest.raises(InputError, match="it needs the number of the step"):
        loss("gumbel_approx_ndcg")
    assert loss("gumbel_approx_ndcg", step=lambda: tf.constant(1))


def test_the_chain_belongs_to_a_model_of_several_tasks() -> None:
    with pytest.raises(InputError, match="'chain' also takes the label of the task before"):
        loss({"softmax": 1.0, "chain": 1.0})
