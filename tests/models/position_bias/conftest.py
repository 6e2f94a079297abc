"""The small dataset with positions: items of a list stand at 1, 2, ... as they are listed."""

from typing import Any

import pytest

from data.definition import keys
from data.definition.dataset import Dataset
from models.features.transform_graph import TransformGraph
from models.training.input_pipeline import Reader, batch_reader


@pytest.fixture(scope="session")
def shown_dataset(dataset: Dataset) -> Dataset:
    roles = {"position": "position", "platform": "platform", "randomised": "randomised"}
    return dataset.model_copy(update=roles)


@pytest.fixture(scope="session")
def shown(lists: list[Any]) -> list[Any]:
    """The lists, every third one in random order."""
    found = []
    for number, one in enumerate(lists):
        items = len(one.item["rating"])
        places = {
            keys.LIST_PLATFORM: ["app" if number % 2 else "web"],
            keys.LIST_REGION: [one.context["region"][0]],
            keys.LIST_RANDOMISED: ["true" if number % 3 == 0 else "false"],
        }
        positions = {keys.ITEM_POSITION: [float(place + 1) for place in range(items)]}
        found.append(one._replace(context=one.context | places, item=one.item | positions))
    return found


@pytest.fixture(scope="session")
def shown_reader(shown_dataset: Dataset, graph: TransformGraph) -> Reader:
    return batch_reader(shown_dataset, graph, positions=True)
