import math
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


def feature(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "scope": "item", "kind": "numeric", **changes}


def task(name: str, column: str) -> dict[str, Any]:
    return {"name": name, "column": column, "grade": 1}


def gate(**changes: Any) -> dict[str, Any]:
    return {"at_least": 0.1, **changes}


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
        ({"training": {"epoch": 3}}, "training.epoch: no such field; did you mean 'epochs'?"),
        ({"model": {"dropout": 2}}, "model.dropout: expected a number below 1.0, found 2"),
        (
            {"training": {"task_losses": {"cart": {}}}},
            "training.task_losses: expected tasks among buy, click, found 'cart'",
        ),
        ({"tasks": []}, "\n  tasks: "),
        ({"tasks": [{"name": "click", "grade": 0}]}, "\n  tasks[0].grade: "),
        ({"features": 3}, "features: expected a list, found 3"),
        ({"features": [{"name": "price", "scope": "item"}]}, "\n  features[0].kind: "),
        ({"features": [feature("Unit Price")]}, "as in `{name: unit_price, column: Unit Price}`"),
        ({"features": [feature("self")]}, "expected letters (a to z), digits and underscores"),
        ({"features": [feature("price", scope="context")]}, "expected one of scope item or more"),
        ({"features": [feature("price"), feature("price__missing")]}, "['price__missing'] are res"),
        ({"features": [feature("price"), feature("row__lengths")]}, "['row__lengths'] are reserve"),
        ({"tasks": [{"name": "click", "column": "search", "grade": 1}]}, "'search' has another r"),
        ({"tasks": [task("click", "c"), task("buy", "c")]}, "tasks: columns: ['c'] are named tw"),
        ({"evaluation": {"gates": [gate(task="clik")]}}, "gates[0].task: expected one of click"),
        ({"evaluation": {"gates": [gate(metric="auc")]}}, "gates[0].metric: expected one of"),
        ({"evaluation": {"gates": [gate(slices={"regoin": "DE"})]}}, "gates[0].slices[0].regoin"),
        ({"tasks": [task("graded", "c")]}, "'graded' stands for the graded relevance"),
        ({"position": "price"}, "must never be a feature"),
        (
            {"training": {"position_bias": "additive"}},
            "training.position_bias: expected a dataset that names the column `position`",
        ),
        ({"training": {"position_bias": "ips"}}, "training.position_bias: expected "),
        ({"left_out": {"price": "leaks"}}, "left_out: ['price'] are features as well"),
        ({"country_features": ["price"]}, "expected context features, found 'price'"),
        ({"split": {"by": "time"}}, "needs validation_from and evaluation_from"),
        (
            {"training": {"learning_rate": math.inf}},
            "learning_rate: expected a finite number, found inf",
        ),
        ({"training": {"epochs": 10**20}}, "training.epochs: expected whole numbers up to "),
        (
            {"model": {"token_units": [64, 10**20]}},
            "model.token_units: expected whole numbers up to ",
        ),
        (
            {"training": {"seed": -1}},
            "training.seed: expected a seed from 0 to 4294967295, found -1",
        ),
        ({"model": {"ranker": "plee"}}, "journey, found 'plee'; did you mean 'ple'?"),
        (
            {
                "model": {"descending": False},
                "training": {"default_loss": {"losses": {"chain": 1}}},
            },
            "shop.yaml: training: loss 'chain' of 'click': expected probabilities that are prod",
        ),
        (
            {"training": {"behavioural_calibrator": 0.3}},
            "shop.yaml: training: behavioural_calibrator: expected probabilities that can rise",
        ),
        ({"model": {"history": {}}}, "model: history: expected features of scope history in the"),
        ({"model": {"kind_alignment": "joined"}}, "with kind_alignment: joined; found none"),
        (
            {"model": {"kind_knowledge": [8], "second_stage": "shop"}},
            "expected features with `kinds` in the dataset with kind_knowledge: [8]; found none",
        ),
        ({"model": 3}, "model: expected fields, found 3"),
        ({"training": {"epochs": 1.5}}, "training.epochs: expected a whole number, found 1.5"),
        ({"validation": {"skew": {"features": {"pricee": 1}}}}, "did you mean 'price'?"),
        ({"training": {"default_loss": {"losses": {}}}}, "training.default_loss.losses: "),
        (
            {"training": {"default_loss": {"losses": {"softmax": -1}}}},
            "default_loss.losses.softmax",
        ),
        ({"training": {"score_weights": {"click": 0}}}, "score_weights: expected a weight above 0"),
        ({"training": {"score_weights": {"click": math.nan}}}, "training.score_weights.click: "),
        ({"region_split": {"seed": -1}}, "region_split.seed: expected a seed from 0"),
        (
            {"evaluation": {"gates": [gate(at_least=math.nan)]}},
            "at_least: expected a finite number, found nan",
        ),
        ({"validation": {"drift": {"features": {"price": -1}}}}, "validation.drift.features.price"),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, changes: dict[str, Any], expected: str) -> None:
    path = written(tmp_path, **changes)
    with pytest.raises(InputError) as error:
        load_config(path)
    assert expected in str(error.value)
    assert path in str(error.value)


def test_local_paths_become_absolute_and_remote_ones_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOME", "/homes/ada")
    assert absolute("~/logs/*.csv") == "/homes/ada/logs/*.csv"
    assert absolute("logs/*.csv") == str(Path.cwd() / "logs/*.csv")
    assert absolute("gs://bucket/logs") == "gs://bucket/logs"


def test_an_empty_path_is_not_the_current_folder() -> None:
    """`--input "$LOGS"` where LOGS was never set would read whatever lies in the folder."""
    with pytest.raises(InputError, match="found an empty one"):
        absolute("")
