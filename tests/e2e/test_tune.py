"""A search of settings on few logs of few features, as a user makes it."""

import json
from pathlib import Path

import pytest
import yaml

from data.simulator import SimulatorConfig, write_logs
from pipeline.config import load_config
from tests.e2e.running import definition, seqmd

pytestmark = pytest.mark.thorough
FEATURES = ("country", "platform", "price", "text_match")


def test_a_search_is_made_once_and_its_definition_is_that_of_a_run(tmp_path: Path) -> None:
    brief = definition(training={"epochs": 1})
    brief["features"] = [one for one in brief["features"] if one["name"] in FEATURES]
    brief["country_features"] = ["country"]
    file, logs, output = tmp_path / "market.yaml", tmp_path / "logs", tmp_path / "output"
    file.write_text(yaml.safe_dump(brief))
    write_logs(SimulatorConfig(lists=600), logs)
    words = ["--input", logs, "--output", output, "--trials", "1", "--seeds", "2"]
    done = seqmd("tune", "--dataset", file, *words)
    assert (done.returncode, done.stderr) == (0, "")
    # Two settings once, and these again with two seeds.
    assert done.stdout.count("ndcg@10 0.") == 2 + 2 * 2
    assert "  kept" not in done.stdout
    result = json.loads((output / "tuning.json").read_text())
    assert [len(trial["ndcg"]) for trial in result["trials"]] == [3, 3]
    assert set(result["changes"]) == {"graded", "click", "purchase"}
    tuned = load_config(str(output / "tuned.yaml"))
    best = result["trials"][result["best"]]["drawn"]
    for place, value in best.items():
        found = tuned.model_dump(mode="json")
        for name in place.split("."):
            found = found[name]
        assert found == value
    assert tuned.dataset == load_config(str(file)).dataset

    again = seqmd("tune", "--dataset", file, *words)
    assert again.returncode == 0
    assert again.stdout.count("  kept") == 2 + 2 * 2
    assert json.loads((output / "tuning.json").read_text()) == result

    file.write_text(yaml.safe_dump({**brief, "model": {"dropout": 0.5}}))
    other = seqmd("tune", "--dataset", file, *words)
    assert other.returncode == 1
    assert "tuning holds a search with another model.dropout (" in other.stderr
    assert json.loads((output / "tuning.json").read_text()) == result
