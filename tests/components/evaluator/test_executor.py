"""The whole executor on lists and models that the test makes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_model_analysis as tfma
from sklearn.metrics import ndcg_score
from tfx.types import standard_artifacts

from components.evaluator.config import EvaluationConfig
from components.evaluator.executor import Executor
from components.evaluator.results import Results, SliceResults, Verdict
from data.definition.dataset import Dataset
from tests.components.evaluator.conftest import ITEMS

LISTS = 60


class Run:
    """One execution and what it left."""

    def __init__(
        self,
        folder: Path,
        dataset: Dataset,
        lists: Path,
        model: Path,
        baseline: Path | None = None,
        **config: Any,
    ) -> None:
        self.folder = folder
        examples = standard_artifacts.Examples()
        examples.uri, examples.split_names = str(lists), '["eval"]'
        self.blessing = self._output(standard_artifacts.ModelBlessing(), "blessing")
        evaluation = self._output(standard_artifacts.ModelEvaluation(), "evaluation")
        self.evaluation = Path(evaluation.uri)
        inputs = {"examples": [examples], "model": [_model(model, 7)]}
        inputs["baseline_model"] = [_model(baseline, 5)] if baseline else []
        settings = EvaluationConfig(**{"smallest_slice": 20, **config})
        Executor().Do(
            inputs,
            {"evaluation": [evaluation], "blessing": [self.blessing]},
            {
                "dataset": dataset.model_dump_json(),
                "evaluation_config": settings.model_dump_json(),
                "current_component_id": "Evaluator",
            },
        )
        self.results = Results.model_validate_json(self._read("metrics.json"))
        self.verdict = Verdict.model_validate_json(self._read("verdict.json"))

    def overall(self) -> SliceResults:
        overall = self.results.slice_of({})
        assert overall is not None
        return overall

    def _output(self, artifact: Any, name: str) -> Any:
        artifact.uri = str(self.folder / name)
        Path(artifact.uri).mkdir(parents=True)
        return artifact

    def _read(self, name: str) -> str:
        return (self.evaluation / name).read_text()


def _model(folder: Path, number: int) -> standard_artifacts.Model:
    artifact = standard_artifacts.Model()
    artifact.uri, artifact.id = str(folder), number
    return artifact


@pytest.fixture
def lists(tmp_path: Path, write_lists: Callable[..., None]) -> Path:
    write_lists(tmp_path / "lists" / "Split-eval", LISTS)
    return tmp_path / "lists"


@pytest.fixture
def evaluate(tmp_path: Path, shop: Dataset) -> Callable[..., Run]:
    def run(
        name: str, lists: Path, model: Path, baseline: Path | None = None, **config: Any
    ) -> Run:
        return Run(tmp_path / name, shop, lists, model, baseline, **config)

    return run


def positives_by_list(lists: Path, task: str) -> np.ndarray:
    """Positive labels of each list, from the files."""
    files = sorted(map(str, (lists / "Split-eval").glob("*")))
    examples = map(tf.train.Example.FromString, tf.data.TFRecordDataset(files).as_numpy_iterator())
    labels = [one.features.feature[f"label_{task}"].float_list.value for one in examples]
    return np.array([sum(values) for values in labels])


def rescored(lists: Path, model: Path, task: str) -> float:
    """Mean NDCG of the served score by scikit-learn, from the SavedModel alone."""
    files = sorted(map(str, (lists / "Split-eval").glob("*")))
    rows = list(tf.data.TFRecordDataset(files).as_numpy_iterator())
    serve = tf.saved_model.load(str(model / "Format-Serving")).signatures["serve_examples"]
    scores = serve(tf.constant(rows))["score"].numpy()
    found = []
    for row, score in zip(rows, scores, strict=True):
        feature = tf.train.Example.FromString(row).features.feature[f"label_{task}"]
        labels = np.array(feature.float_list.value)
        if 0 < labels.sum() < len(labels):
            found.append(ndcg_score([labels], [score], k=5))
    return float(np.mean(found))


def test_first_run(
    evaluate: Callable[..., Run], make_model: Callable[..., Path], lists: Path
) -> None:
    model = make_model("good")
    run = evaluate("first", lists, model)
    assert run.verdict.blessed
    assert run.verdict.baseline.state == "none"
    assert (Path(run.blessing.uri) / "BLESSED").exists()
    assert run.blessing.get_int_custom_property("blessed") == 1
    assert run.blessing.get_int_custom_property("current_model_id") == 7
    assert run.blessing.get_string_custom_property("component_id") == "Evaluator"
    _check_slices(run.results)
    _check_numbers(run, lists, model)
    _check_tfma_reads_it(run)


def _check_slices(results: Results) -> None:
    expected = [{}]
    expected += [{"platform": platform} for platform in ("app", "web")]
    expected += [{"randomised": value} for value in ("false", "true")]
    expected += [{"region": region} for region in ("DE", "FR")]
    # Every fourth list is French, and those were all shown on the web.
    expected += [{"region": "DE", "platform": platform} for platform in ("app", "web")]
    expected += [{"region": "FR", "platform": "web"}]
    assert [measured.slice for measured in results.slices] == expected
    assert [measured.lists for measured in results.slices] == [
        60,
        30,
        30,
        45,
        15,
        45,
        15,
        30,
        15,
        15,
    ]


def _check_numbers(run: Run, lists: Path, model: Path) -> None:
    assert run.results.gain == "2^relevance - 1"
    for task in ("click", "purchase"):
        target = run.overall().targets[task]
        metric = target.rankings["score"]["ndcg@5"]
        # Known fault 1: the pushed model, scored again, has the same NDCG.
        assert metric.value == pytest.approx(rescored(lists, model, task), abs=1e-6)
        assert metric.low is not None
        assert metric.high is not None
        assert metric.low < metric.value < metric.high
        assert target.lists_counted + target.lists_not_counted == LISTS
        positives = positives_by_list(lists, task)
        assert target.lists_counted == np.sum((positives > 0) & (positives < ITEMS))
        assert target.lists_of_equals == np.sum(positives == ITEMS)
    # score = -price falls as the true probability falls: the best order there is.
    best = run.overall().targets["graded"].rankings["score"]["expected_ndcg@5"]
    assert best.share_of_best is not None
    assert best.value == pytest.approx(1)
    assert best.share_of_best.value == pytest.approx(1)
    assert "own" not in run.overall().targets["graded"].rankings
    assert set(run.overall().targets["click"].rankings) == {"score", "own", "random", "logged"}


def _check_tfma_reads_it(run: Run) -> None:
    loaded = tfma.load_eval_result(str(run.evaluation))
    slices = dict(loaded.slicing_metrics)
    ours = run.overall().targets["click"].rankings["score"]["mrr"].value
    assert slices[()]["click"][""]["score/mrr"]["boundedValue"]["value"] == pytest.approx(ours)


@pytest.mark.thorough
def test_same_numbers_from_other_files_in_another_order(
    evaluate: Callable[..., Run],
    make_model: Callable[..., Path],
    write_lists: Callable[..., None],
    tmp_path: Path,
    lists: Path,
) -> None:
    write_lists(tmp_path / "torn" / "Split-eval", LISTS, files=3)
    model, old = make_model("good"), make_model("old", slope=0.5, feature="item_position")
    whole = evaluate("whole", lists, model, old)
    torn = evaluate("torn_run", tmp_path / "torn", model, old)
    assert _numbers(whole) == pytest.approx(_numbers(torn), abs=1e-8)
    assert whole.verdict.baseline.state == "compared"
    assert whole.blessing.get_int_custom_property("baseline_model_id") == 5
    metric = whole.overall().targets["click"].rankings["score"]["ndcg@5"]
    assert metric.change is not None
    assert metric.baseline is not None
    assert metric.change.value == pytest.approx(metric.value - metric.baseline.value)
    # Ranked by position alone, the old model is the logged order, last item first.
    assert metric.change.low > 0


def _numbers(run: Run) -> list[float]:
    found: list[float] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict | list):
            for value in part.values() if isinstance(part, dict) else part:
                walk(value)
        elif isinstance(part, int | float):
            found.append(part)

    walk(json.loads(run.results.model_dump_json(exclude={"candidate", "baseline"})))
    return found


def test_slices_that_gates_name_are_measured(
    evaluate: Callable[..., Run], make_model: Callable[..., Path], lists: Path
) -> None:
    # Every fourth list was shown in random order, all of region DE and on the app.
    gates = [
        {"at_least": 0, "metric": "ndcg@5", "slices": {other: value, "randomised": "true"}}
        for other, value in (("region", "DE"), ("platform", "app"))
    ]
    run = evaluate("crossed", lists, make_model("good"), gates=gates, smallest_slice=10)
    for values in (
        {"region": "DE", "randomised": "true"},
        {"platform": "app", "randomised": "true"},
    ):
        measured = run.results.slice_of(values)
        assert measured is not None
        assert measured.lists == LISTS / 4
        assert [gate.passed for gate in run.verdict.gates if gate.slice == values] == [True]


def test_missing_predictions_are_named(
    evaluate: Callable[..., Run], make_model: Callable[..., Path], lists: Path
) -> None:
    model, old = make_model("gaps", nan_above=1.0), make_model("old_gaps", nan_above=0.0)
    run = evaluate("gaps", lists, model, old)
    assert not run.verdict.blessed
    faulty = run.overall().faulty_predictions
    assert 0 < faulty["candidate"] < faulty["baseline"] < LISTS * 5
    found = f"{faulty['candidate']} of {LISTS * 5} items have no finite prediction"
    assert found in run.verdict.reason
    assert run.verdict.baseline.state == "broken"
    assert run.verdict.baseline.error == f"{faulty['baseline']} items have no finite prediction"
    assert (Path(run.blessing.uri) / "NOT_BLESSED").exists()
    assert run.blessing.get_int_custom_property("blessed") == 0


def test_a_baseline_that_does_not_fit_is_named(
    evaluate: Callable[..., Run], make_model: Callable[..., Path], lists: Path
) -> None:
    run = evaluate("broken", lists, make_model("good"), make_model("old", tasks=("click",)))
    assert run.verdict.baseline.state == "broken"
    assert not run.verdict.blessed
    assert "expected an output probability_purchase" in run.verdict.reason


@pytest.mark.thorough
def test_a_baseline_that_is_gone_can_be_ignored(
    evaluate: Callable[..., Run], make_model: Callable[..., Path], lists: Path, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    run = evaluate("ignored", lists, make_model("good"), gone, ignore_broken_baseline=True)
    assert run.verdict.blessed
    assert run.verdict.baseline.ignored
    assert "ignored, since it is broken" in run.verdict.reason
    print(run.verdict.model_dump_json(indent=1))


def test_without_any_list_nothing_is_blessed(
    evaluate: Callable[..., Run],
    make_model: Callable[..., Path],
    write_lists: Callable[..., None],
    tmp_path: Path,
) -> None:
    write_lists(tmp_path / "none" / "Split-eval", 0)
    run = evaluate("empty", tmp_path / "none", make_model("good"))
    assert run.results.slices == ()
    assert not run.verdict.blessed
    assert "there are no lists" in run.verdict.reason
