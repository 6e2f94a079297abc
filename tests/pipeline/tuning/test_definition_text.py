"""A definition with changed sections."""

import pytest
import yaml

from data.loading import CATALOG
from pipeline.tuning.definition_text import with_sections

CHANGES = {"model": {"dropout": 0.1}, "training": {"learning_rate": 0.002}}
TEXT = """\
# My shop.
name: shop

model:
  # Ours.
  ranker: ple
  dropout: 0.5

# How long.
training: {epochs: 4}
features: [a, b]  # all
"""


def test_what_is_not_changed_stays_as_it_was_written() -> None:
    assert with_sections(TEXT, CHANGES, "shop.yaml") == (
        "# My shop.\nname: shop\n\n"
        "model:\n  ranker: ple\n  dropout: 0.1\n\n"
        "# How long.\n"
        "training:\n  epochs: 4\n  learning_rate: 0.002\n"
        "features: [a, b]  # all\n"
    )


def test_a_section_that_is_not_there_stands_at_the_end() -> None:
    text = with_sections("name: shop\n", {"model": {"dropout": 0.1}, "training": {}}, "shop.yaml")
    assert text == "name: shop\n\nmodel:\n  dropout: 0.1\n"


@pytest.mark.parametrize(
    "text",
    [
        "{name: shop, model: {ranker: ple}, training: {epochs: 4}}",
        "model: &own\n  ranker: ple\nother: *own\ntraining: {epochs: 4}\n",
        "model:\ntraining: {epochs: 4}\n",
        "training: {epochs: 4}\nmodel: {ranker: ple}",
        "---\r\nmodel:\r\n  ranker: ple\r\nname: shop\r\n",
        "model:\n# At the left.\n  ranker: ple\n  dropout: 0.2\n",
    ],
)
def test_however_it_is_written_it_says_the_same(text: str) -> None:
    before = yaml.safe_load(text)
    found = yaml.safe_load(with_sections(text, CHANGES, "shop.yaml"))
    expected = {name: {**(before.get(name) or {}), **new} for name, new in CHANGES.items()}
    assert found == {**before, **expected}


def test_a_definition_of_the_catalog_keeps_its_comments() -> None:
    text = (CATALOG / "simulated.yaml").read_text()
    found = with_sections(text, CHANGES, "simulated.yaml")
    before, after = yaml.safe_load(text), yaml.safe_load(found)
    kept = [name for name in before if name not in CHANGES]
    assert [before[name] for name in kept] == [after[name] for name in kept]
    assert after["model"]["dropout"] == 0.1
    comments = [line for line in text.splitlines() if line.startswith("#")]
    assert comments
    assert all(line in found for line in comments)
