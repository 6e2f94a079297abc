import math

import pytest
import tensorflow as tf

from data.errors import InputError
from models.training.losses_of_epoch import LossesOfEpoch

IDS = tf.constant([f"list {number}" for number in range(8)])


def test_means_are_over_batches() -> None:
    losses = LossesOfEpoch(1, ["click"])
    losses.add(tf.constant([1.0, 2.0, 3.0]), IDS)
    losses.add(tf.constant([3.0, 5.0, 4.0]), IDS)
    assert losses.fetch() == (2 + 5) / 2
    assert losses.means() == {"loss_click": 2, "loss": 3.5, "gradient_norm": 3.5}


@pytest.mark.parametrize("strange", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", ["loss_click", "loss", "gradient_norm"])
def test_what_is_not_finite_names_its_place_and_lists(strange: float, place: str) -> None:
    losses = LossesOfEpoch(3, ["click"])
    losses.add(tf.constant([1.0, 2.0, 3.0]), IDS)
    names = ["loss_click", "loss", "gradient_norm"]
    losses.add(tf.constant([strange if name == place else 1.0 for name in names]), IDS)
    with pytest.raises(InputError) as error:
        losses.fetch()
    message = str(error.value)
    assert f"{{'{place}': {strange}}} at epoch 3, batch 2" in message
    assert "list 0; list 1; list 2; list 3; list 4 and 3 more" in message
