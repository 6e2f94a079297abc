import json
from pathlib import Path

import pytest

from components.list_example_gen.counts import ListCounts
from data.errors import InputError
from models.config import ModelConfig
from pipeline.config import RunConfig, load_config
from pipeline.summary import RunCounts, Summary
from pipeline.summary_head import FailedSummary, SummaryHead, write_failure
from tests.pipeline.summaries import summary


@pytest.fixture(scope="module")
def config() -> RunConfig:
    return load_config("simulated")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    whole, file = Summary.model_validate(summary()), tmp_path / "summary.json"
    whole.save(file)
    assert Summary.load(file) == whole
    assert SummaryHead.load(file).dataset.name == "shop"
    written = json.loads(file.read_text())
    assert list(written)[:3] == ["version", "status", "dataset"]
    assert written["inputs"]["logs"] == ["a.csv"]


def test_fields_of_a_later_version_are_left_out() -> None:
    assert Summary.model_validate({**summary(), "new": 1}) == Summary.model_validate(summary())


def test_a_failed_run_has_its_error_and_its_dataset_alone(
    config: RunConfig, tmp_path: Path
) -> None:
    file = tmp_path / "summary.json"
    write_failure(config, ValueError("of no use"), file)
    found = json.loads(file.read_text())
    assert set(found) == {"version", "status", "dataset", "error"}
    assert FailedSummary.load(file) == FailedSummary.model_validate(found)
    assert (found["status"], found["error"]) == ("failed", "ValueError: of no use")
    assert found["dataset"]["name"] == "simulated"


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "expected JSON"), ("[]", "not as expected"), ('{"version": 2}', "version")],
)
def test_what_is_no_summary_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "summary.json"
    file.write_text(text)
    with pytest.raises(InputError, match=f"summary.json: (.|\n)*{said}"):
        SummaryHead.load(file)


def test_regions_without_training_lists_are_counted_where_they_were_evaluated() -> None:
    splits = ("train", "validation", "eval")
    by_region = {"DE": (7, 2, 1), "FI": (0, 0, 3), "NO": (0, 4, 0)}
    counts = summary()["counts"]
    del counts["lists_of_new_regions"]
    counts["lists_by_region"] = {
        name: dict(zip(splits, numbers, strict=True)) for name, numbers in by_region.items()
    }
    read = ListCounts.model_validate(counts)
    assert RunCounts.with_new_regions(read).lists_of_new_regions == {"FI": 3}


def test_resolved_says_whether_probabilities_descend(config: RunConfig) -> None:
    chosen = config.model_copy(update={"model": ModelConfig(descending=None)}).resolved()
    assert chosen.model.descending is config.dataset.actions_imply_previous
    assert set(chosen.model_dump()) == set(config.model_dump()) - {"dataset"}
