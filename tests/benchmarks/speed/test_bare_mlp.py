from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from benchmarks.speed.bare_mlp import INPUT, BareMlp, export_bare_mlp, hidden_width


@pytest.mark.parametrize(("width", "tasks", "hidden"), [(144, 3, 300), (5, 1, 7)])
def test_hidden_layers_have_the_multiply_adds(width: int, tasks: int, hidden: int) -> None:
    wanted = width * hidden + hidden * hidden + hidden * tasks
    assert hidden_width(width, tasks, wanted) == hidden
    assert BareMlp(width, tasks, wanted).multiply_adds == wanted


def test_the_exported_mlp_computes_its_layers(tmp_path: Path) -> None:
    mlp = BareMlp(5, 2, 100)
    export_bare_mlp(str(tmp_path), mlp)
    given = np.random.default_rng(1).normal(size=(4, 5)).astype(np.float32)
    serve = tf.saved_model.load(str(tmp_path)).signatures["serving_default"]
    found = serve(**{INPUT: tf.constant(given)})["scores"]
    one, two, three = (kernel.numpy() for kernel in mlp.kernels)
    logits = np.maximum(np.maximum(given @ one, 0) @ two, 0) @ three
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-logits)), rtol=1e-5)
