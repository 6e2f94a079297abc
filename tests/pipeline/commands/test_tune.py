"""The command's options and its screen; its search is tried in tests/e2e."""

import io
import re
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from data.simulator import SimulatorConfig, simulated_dataset
from pipeline import cli
from pipeline.commands.tune import all_trials
from pipeline.commands.tuning_view import SearchDisplay, conclusion, show_found, told
from pipeline.config import config_from
from pipeline.tuning.result import SettingImportance, TargetChange, TrialResult, TuningResult
from pipeline.tuning.search import TrainingDone

CHANGE = TargetChange(before=0.5, after=0.51, relative=0.02, low=0.01, high=0.03, lists=1200)
UNKNOWN = TargetChange(before=None, after=None, relative=None, low=None, high=None, lists=0)
RESULT = TuningResult(
    metric="ndcg@10",
    definition={"model.dropout": 0.0, "model.region_rank": 0},
    trials=(
        TrialResult(ranker="seq_md", drawn={}, ndcg={1: 0.5}),
        TrialResult(
            ranker="seq_md", drawn={"model.dropout": 0.1, "model.region_rank": 0}, ndcg={1: 0.51}
        ),
    ),
    best=1,
    finalists=(1,),
    seeds=(1, 2, 3),
    confidence=1 - 0.05 / 3,
    changes={"graded": CHANGE, "purchase": UNKNOWN},
    beyond_chance=True,
    importance={
        "seq_md": (
            SettingImportance(
                place="model.dropout",
                share=0.4,
                error=0.1,
                chance=0.02,
                means={"0.0": 0.5, "0.1": 0.51},
                before=0.0,
                found=0.1,
            ),
        )
    },
)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--trials", "0"], "--trials: expected 1 or more, found 0"),
        (["--seeds", "1"], "--seeds: expected 2 or more, found 1"),
        (["--jobs", "-1"], "--jobs: expected 1 or more, found -1"),
        (["--trials", "many"], "--trials: expected a whole number, found 'many'"),
        (["--ranker", "plee"], "--ranker: expected one of seq_md, .*found 'plee'"),
        (["--dataset", "expedia"], "--input: expected the logs of expedia, found none"),
    ],
)
def test_wrong_options_are_told_before_anything_is_written(
    words: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        code = cli.main(["tune", *words])
    except SystemExit as ended:
        code = ended.code
    assert code == 1
    assert re.search(message, capsys.readouterr().err)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("tune", "second_stage: shop: expected none, since trainings of a search start from no"),
        ("run", "second_stage: shop: expected --warm-start with a model of all kinds"),
    ],
)
def test_a_second_stage_without_a_first_is_told_before_anything_is_written(
    command: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = simulated_dataset(SimulatorConfig(second_kind=True))
    model = {"kind_knowledge": [8], "second_stage": "shop"}
    file, output = tmp_path / "shops.yaml", tmp_path / "output"
    file.write_text(yaml.safe_dump({**dataset, "model": model}))
    words = ["--dataset", str(file), "--input", "nowhere.csv", "--output", str(output)]
    assert cli.main([command, *words]) == 1
    assert message in " ".join(capsys.readouterr().err.split())
    assert not output.exists()


def test_the_definition_comes_first_whatever_is_tried() -> None:
    config = config_from(simulated_dataset(SimulatorConfig()), "market.yaml")
    trials = all_trials(config, ["ple", "seq_md", "ple"], 2)
    assert [trial.ranker for trial in trials] == ["seq_md", *["ple"] * 3, *["seq_md"] * 2]
    assert trials[0].config == config
    others = all_trials(config, ["ple"], 1)
    assert [trial.ranker for trial in others] == ["seq_md", "ple", "ple"]


def _screen(width: int = 160) -> Console:
    return Console(file=io.StringIO(), width=width, highlight=False)


def test_the_screen_says_what_mattered_and_what_was_found() -> None:
    console = _screen()
    show_found(RESULT, console)
    text = console.file.getvalue()
    for told_there in (
        "What mattered: seq_md, 1 settings",
        "40% ± 10%",
        "0.0: 0.5000, 0.1: 0.5100",
        "98.3% interval",
        "[+1.00%, +3.00%]",
        "1,200",
        "not measurable",
        "Found: seq_md, dropout 0.1.",
        "Beyond chance: at least +1.00% on lists such as these.",
    ):
        assert told_there in text


def test_where_the_definition_stands_the_screen_says_what_the_others_reached() -> None:
    console = _screen()
    first, second = (
        trial.model_copy(update={"ndcg": {1: 0.9, 2: mean - 0.002, 3: mean + 0.002}})
        for trial, mean in zip(RESULT.trials, (0.3145, 0.3130), strict=True)
    )
    show_found(RESULT.model_copy(update={"best": 0, "trials": (first, second)}), console)
    text = console.file.getvalue()
    rows = [re.findall(r"[^│┃]+", line) for line in text.splitlines() if "seq_md, " in line]
    assert [[cell.strip() for cell in row] for row in rows[-2:]] == [
        ["seq_md, as the definition has it", "0.3145", "0.3125", "0.3165"],
        ["seq_md, dropout 0.1", "0.3130", "0.3110", "0.3150"],
    ]
    assert "graded ndcg@10 of the best again, 2 further seeds each" in text
    assert "interval" not in text
    assert "the definition stands." in text


def test_what_may_be_chance_is_called_so() -> None:
    found, told_of_chance = conclusion(RESULT.model_copy(update={"beyond_chance": False}))
    assert found == "Found: seq_md, dropout 0.1."
    assert told_of_chance.startswith("Not beyond chance: ")
    (stands,) = conclusion(RESULT.model_copy(update={"best": 0}))
    assert stands.endswith("the definition stands.")


def test_every_training_leaves_a_line() -> None:
    config = config_from(simulated_dataset(SimulatorConfig()), "market.yaml")
    (trial,) = all_trials(config, ["seq_md"], 0)
    console = _screen()
    with SearchDisplay(console, "ndcg@10", RESULT.definition) as display:
        display.trainings_start(2)
        display.training_done(TrainingDone(0, trial, 1, 0.41234, True))
    text = console.file.getvalue()
    assert "search: 2 trainings" in text
    assert "1/2  seq_md  ndcg@10 0.4123  as the definition has it  kept" in text


def test_a_draw_is_told_by_the_last_names_of_its_places() -> None:
    drawn = {"training.learning_rate": 0.00237, "training.averaged_weights": None}
    assert told(drawn | {"model.descending": False, "model.region_gates": "all"}) == (
        "learning_rate 0.00237, averaged_weights none, descending false, region_gates all"
    )
