from pathlib import Path
from typing import Any

import pytest
import yaml

from data.errors import InputError
from data.loading import catalog_names
from pipeline.config import absolute, load_config


def definition(**changes: Any) -> dict[str, Any]:
    return {
        "name": "shop",
        "list_id": "search",
        "tasks": [{"name": "click", "grade": 1}, {"name": "buy", "grade": 3}],
        "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
        **changes,
    }


def written(folder: Path, **changes: Any) -> str:
    path = folder / "shop.yaml"
    path.write_text(yaml.safe_dump(definition(**changes)))
    return str(path)


@pytest.mark.parametrize("name", catalog_names())
def test_every_dataset_of_the_catalog_is_valid(name: str) -> None:
    assert load_config(name).dataset.name == name


def test_sections_are_read_and_the_seed_can_be_replaced(tmp_path: Path) -> None:
    path = written(tmp_path, training={"epochs": 3, "seed": 4}, model={"dropout": 0.2})
    assert load_config(path).training.seed == 4
    config = load_config(path, seed=9)
    assert (config.training.seed, config.training.epochs, config.model.dropout) == (9, 3, 0.2)
    assert config.dataset.list_id == ("search",)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"training": {"epoch": 3}}, "training.epoch: no such field"),
        ({"model": {"dropout": 2}}, "model.dropout: Input should be less than 1 (found: 2)"),
        ({"training": {"task_losses": {"cart": {}}}}, "training.task_losses: expected tasks"),
        ({"tasks": []}, "dataset.tasks"),
        ({"features": [{"name": "price", "scope": "item"}]}, "dataset.features[0].kind"),
        ({"position": "price"}, "must never be a feature"),
        ({"left_out": {"price": "leaks"}}, "left_out: ['price'] are features as well"),
        ({"country_features": ["price"]}, "must be a context feature"),
        ({"split": {"by": "time"}}, "needs validation_from and evaluation_from"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    path = written(tmp_path, **changes)
    with pytest.raises(InputError) as error:
        load_config(path)
    assert expected in str(error.value)
    assert path in str(error.value)


def test_local_paths_become_absolute_and_remote_ones_stay() -> None:
    assert absolute("logs/*.csv") == str(Path.cwd() / "logs/*.csv")
    assert absolute("gs://bucket/logs") == "gs://bucket/logs"
