"""Outputs of the reference code of AdaTT's authors (facebookresearch/AdaTT) for fixed weights."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from models.layers.experts import Experts
from models.layers.gates import Gates
from models.rankers.adatt_sp import AdattSp
from models.rankers.mlmmoe import Mlmmoe
from models.rankers.ple import Ple
from tests.models.reference_weights import ReferenceWeights

MODELS = {"adatt_sp": AdattSp, "ple": Ple, "mlmmoe": Mlmmoe}
OPTIONS = ("level_units", "experts", "experts_per_task", "shared_experts")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        cases = json.loads(Path(metafunc.config.getoption("--reference")).read_text())
        metafunc.parametrize("case", cases, ids=_name)


def _name(case: dict[str, Any]) -> str:
    sizes = [case.get(name, "") for name in ("tasks", "input_dim", *OPTIONS)]
    return "-".join([case["model"], *(str(size) for size in sizes if size != "")])


class ExpertWeights(ReferenceWeights):
    """Those of experts and gates, which the reference code makes one by one."""

    def fill(self, layer: Experts | Gates) -> None:
        kernels, biases = [], []
        layers, width, units = layer.linear.kernel.shape
        for _ in range(layers):
            kernels.append(self.take(units, width).T)
            biases.append(self.take(units))
        layer.linear.kernel.assign(np.stack(kernels))
        layer.linear.bias.assign(np.stack(biases))


def _fill(model: tf.keras.layers.Layer) -> None:
    parameters = ExpertWeights()
    if isinstance(model, Ple):
        for level in model.expert_levels:
            parameters.fill(level)
        _fill_gates(model, parameters)
        return
    for number, (experts, gates) in enumerate(
        zip(model.expert_levels, model.gate_levels, strict=True)
    ):
        parameters.fill(experts)
        parameters.fill(gates)
        if isinstance(model, AdattSp) and model.experts_per_task > 1:
            own = model.own_levels[number].kernel
            own.assign(parameters.take(*own.shape))


def _fill_gates(model: Ple, parameters: ExpertWeights) -> None:
    for number, gates in enumerate(model.task_gates):
        parameters.fill(gates)
        if number < len(model.shared_gates):
            parameters.fill(model.shared_gates[number])
        elif number < len(model.task_gates) - 1:
            # The reference code makes a gate for a shared stream that nothing reads.
            width = gates.linear.kernel.shape[1]
            parameters.take((width + 1) * model.tasks * model.experts_per_task)


@pytest.mark.usefixtures("in_float64")
def test_outputs_are_those_of_the_reference_code(case: dict[str, Any]) -> None:
    options = {name: case[name] for name in OPTIONS if name in case}
    model = MODELS[case["model"]](case["tasks"], **options)
    inputs = tf.constant(case["inputs"], tf.float64)
    model.build(inputs.shape)
    _fill(model)
    np.testing.assert_allclose(model(inputs), case["outputs"], atol=1e-6, rtol=1e-6)
