from pathlib import Path

import pytest
import yaml

from data.errors import InputError
from pipeline.kubeflow.settings import load_settings, task_name

KNOWN = ("ListExampleGen", "Trainer")


def load(folder: Path, content: object) -> object:
    file = folder / "settings.yaml"
    file.write_text(yaml.safe_dump(content))
    return load_settings(str(file), KNOWN)


def test_a_node_takes_the_defaults_but_for_what_it_sets(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        {
            "defaults": {"cpu": 1, "memory": "4G", "retries": 5},
            "nodes": {"Trainer": {"cpu": 8, "retries": 0}},
        },
    )
    trainer, other = settings.of("Trainer"), settings.of("ListExampleGen")
    assert (trainer.cpu, trainer.memory, trainer.retries) == ("8", "4G", 0)
    assert (other.cpu, other.memory, other.retries) == ("1", "4G", 5)


def test_no_file_means_two_retries_and_nothing_else() -> None:
    settings = load_settings(None, KNOWN).of("Trainer")
    assert settings.model_dump(exclude_defaults=True) == {}
    assert settings.retries == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            {"nodes": {"Traner": {}}},
            "ListExampleGen, Trainer, found 'Traner'; did you mean 'Trainer'?",
        ),
        ({"defaults": {"cpus": 1}}, "defaults.cpus: no such field"),
        ({"defaults": {"cpu": "many"}}, "defaults.cpu: "),
        ({"defaults": {"memory": "4GB"}}, "defaults.memory: "),
        ({"defaults": {"retries": -1}}, "defaults.retries: "),
        ({"nodes": {"Trainer": {"volumes": [{"claim": "a", "path": "mnt"}]}}}, "volumes[0].path"),
        ({"defaults": {"secrets": [{"name": "s3"}]}}, "expected `variables` or `path`"),
        ({"defaults": {"memory": "512K"}}, "defaults.memory: "),
        (
            {"defaults": {"cpu": 1, "cpu_limit": 2}, "nodes": {"Trainer": {"cpu": 8}}},
            "Trainer: cpu_limit: expected at least cpu, 8; found 2",
        ),
        ({"defaults": {"cpu": 1, "cpu_limit": "900m"}}, "ListExampleGen: cpu_limit: expected at"),
        ({"defaults": {"memory": "4Gi", "memory_limit": "4G"}}, "memory_limit: expected at least"),
        ({"defaults": {"accelerator": {"type": "gpu", "count": 0}}}, "accelerator.count"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: object, words: str) -> None:
    with pytest.raises(InputError) as caught:
        load(tmp_path, content)
    assert words in str(caught.value)
    assert "settings.yaml" in str(caught.value)


def test_a_limit_in_another_unit_may_be_the_larger_one(tmp_path: Path) -> None:
    amounts = {"cpu": "1500m", "cpu_limit": "1.5", "memory": "4Gi", "memory_limit": "4.3G"}
    assert load(tmp_path, {"defaults": amounts}).of("Trainer").memory_limit == "4.3G"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--settings: expected a YAML file"):
        load_settings(str(tmp_path / "none.yaml"), KNOWN)


def test_names_of_tasks() -> None:
    assert task_name("ListExampleGen") == "list-example-gen"
    assert task_name("Trainer") == "trainer"
