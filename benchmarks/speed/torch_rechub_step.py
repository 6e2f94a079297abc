"""torch-rechub's training step, in an environment of its own: it imports nothing of this project.

PYTHON -I benchmarks/speed/torch_rechub_step.py ARGUMENTS RESULT.json
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch_rechub.basic.features import DenseFeature
from torch_rechub.models.multi_task import MMOE, PLE

_WARM_UP = 20
_FEATURE = "inputs"


def measure(
    model: str,
    steps: int,
    threads: int,
    items: int,
    width: int,
    tasks: int,
    units: int,
    tower_units: int,
) -> dict[str, Any]:
    """Times forward pass, sigmoid cross entropy of each task, backward pass and Adam.

    The inputs are a dense float matrix [items, width] in memory. Batch normalisation, which
    torch-rechub puts after every linear layer, is taken out; dropout is 0.

    Args:
        model: `mmoe`, of four experts; or `ple`, of two levels with one shared expert and one of
            each task's own.
        steps: that are timed.
        threads: of the processor.
        items: items of a batch.
        width: width of the inputs.
        tasks: number of tasks.
        units: width of an expert.
        tower_units: width of a tower's hidden layer.

    Returns:
        `items_per_second`, of the median step; `parameters`; `version` of torch.
    """
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    features = [DenseFeature(_FEATURE, embed_dim=width)]
    types = ["classification"] * tasks
    expert = {"dims": [units], "dropout": 0.0}
    towers = [{"dims": [tower_units], "dropout": 0.0} for _ in range(tasks)]
    if model == "mmoe":
        network = MMOE(features, types, 4, expert, towers)
    else:
        network = PLE(features, types, 2, 1, 1, expert, towers)
    _without_normalisation(network)
    draw = np.random.default_rng(1)
    inputs = torch.from_numpy(draw.standard_normal((items, width), dtype=np.float32))
    labels = torch.from_numpy(draw.integers(0, 2, (items, tasks)).astype(np.float32))
    optimizer = torch.optim.Adam(network.parameters())
    cross_entropy = torch.nn.BCELoss()

    def step() -> None:
        probabilities = network({_FEATURE: inputs})
        losses = [cross_entropy(probabilities[:, task], labels[:, task]) for task in range(tasks)]
        optimizer.zero_grad()
        torch.stack(losses).sum().backward()
        optimizer.step()

    return {
        "items_per_second": round(items / _median_seconds(step, steps), 1),
        "parameters": sum(weight.numel() for weight in network.parameters()),
        "version": torch.__version__,
    }


def _without_normalisation(module: torch.nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, torch.nn.BatchNorm1d):
            setattr(module, name, torch.nn.Identity())
        _without_normalisation(child)


def _median_seconds(step: Callable[[], None], steps: int) -> float:
    seconds = []
    for _ in range(_WARM_UP + steps):
        started = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds[_WARM_UP:])


if __name__ == "__main__":
    given, result = sys.argv[1:]
    Path(result).write_text(json.dumps(measure(**json.loads(given))))
