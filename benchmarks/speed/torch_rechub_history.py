"""A network of torch-rechub with and without its layer of DIN; it imports nothing of this project.

PYTHON -I benchmarks/speed/torch_rechub_history.py ARGUMENTS RESULT.json
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
from torch_rechub.basic.features import DenseFeature, SequenceFeature, SparseFeature
from torch_rechub.basic.layers import MLP, EmbeddingLayer
from torch_rechub.models.ranking.din import ActivationUnit

_WARM_UP = 5
_NUMBERS, _WIDTH = 18, 16
_WORDS = {"category": 100, "brand": 1_000}
_UNITS = [128, 64]


class Network(torch.nn.Module):
    """An MLP of an item's features and, of each history, what DIN's layer makes of it.

    Args:
        features: of the items.
        targets: those of them that histories are like, in the order of these.
        past: the histories; without them the same MLP has the items' features alone.
    """

    def __init__(self, features: list[Any], targets: list[Any], past: list[Any]) -> None:
        super().__init__()
        self.features, self.targets, self.past = features, targets, past
        self.embedding = EmbeddingLayer([*features, *past])
        self.attention = torch.nn.ModuleList(
            ActivationUnit(one.embed_dim, dims=[36], activation="dice") for one in past
        )
        self.mlp = MLP(sum(one.embed_dim for one in (*features, *past)), dims=_UNITS)

    def forward(self, inputs: dict[str, torch.Tensor]) -> torch.Tensor:
        """Probabilities [N]."""
        columns = [self.embedding(inputs, self.features, squeeze_dim=True)]
        if self.past:
            targets = self.embedding(inputs, self.targets).unbind(1)
            entries = self.embedding(inputs, self.past).unbind(1)
            layers = zip(self.attention, entries, targets, strict=True)
            columns += [layer(*of_history) for layer, *of_history in layers]
        return torch.sigmoid(self.mlp(torch.cat(columns, dim=1)).squeeze(1))


def measure(lists: int, items: int, entries: int, steps: int) -> dict[str, Any]:
    """Times forward pass, cross entropy, backward pass and Adam on one thread, in turn.

    It knows no lists: each item comes with the history of its list.

    Args:
        lists: of a batch.
        items: of each list.
        entries: of each history.
        steps: that are timed.

    Returns:
        `items_per_second` of networks `with` and `without` histories, by processor time of the
        median step; `times`: how many times as long it takes with; `version` of torch.
    """
    torch.set_num_threads(1)
    torch.manual_seed(1)
    draw = np.random.default_rng(1)
    rows = lists * items
    dense = [DenseFeature("numbers", embed_dim=_NUMBERS)]
    targets = [SparseFeature(name, vocab_size=n, embed_dim=_WIDTH) for name, n in _WORDS.items()]
    past = [
        SequenceFeature(
            f"past_{name}", vocab_size=n, embed_dim=_WIDTH, pooling="concat", shared_with=name
        )
        for name, n in _WORDS.items()
    ]
    inputs = {"numbers": torch.from_numpy(draw.standard_normal((rows, _NUMBERS), np.float32))}
    for name, n in _WORDS.items():
        inputs[name] = torch.from_numpy(draw.integers(1, n, rows))
        of_lists = draw.integers(1, n, (lists, entries)).repeat(items, axis=0)
        inputs[f"past_{name}"] = torch.from_numpy(of_lists)
    labels = torch.from_numpy(draw.integers(0, 2, rows).astype(np.float32))
    own = [*dense, *targets]
    networks = {"with": Network(own, targets, past), "without": Network(own, targets, [])}
    steps_of = {name: _step(network, inputs, labels) for name, network in networks.items()}
    taken: dict[str, list[float]] = {name: [] for name in networks}
    for number in range(-_WARM_UP, steps):
        for name, step in steps_of.items():
            started = time.process_time()
            step()
            if number >= 0:
                taken[name].append(time.process_time() - started)
    seconds = {name: statistics.median(found) for name, found in taken.items()}
    return {
        "items_per_second": {name: round(rows / one, 1) for name, one in seconds.items()},
        "times": round(seconds["with"] / seconds["without"], 3),
        "version": torch.__version__,
    }


def _step(
    network: torch.nn.Module, inputs: dict[str, torch.Tensor], labels: torch.Tensor
) -> Callable[[], None]:
    optimizer = torch.optim.Adam(network.parameters())
    cross_entropy = torch.nn.BCELoss()

    def step() -> None:
        optimizer.zero_grad()
        cross_entropy(network(inputs), labels).backward()
        optimizer.step()

    return step


if __name__ == "__main__":
    given, result = sys.argv[1:]
    Path(result).write_text(json.dumps(measure(**json.loads(given))))
