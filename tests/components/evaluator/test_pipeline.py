"""A real TFX pipeline with a trainer of ten lines: what runs again, and against what."""

from collections.abc import Callable
from pathlib import Path

import pytest
import tensorflow as tf
from ml_metadata.proto import metadata_store_pb2
from tfx import v1 as tfx
from tfx.dsl.component.experimental.decorators import component
from tfx.orchestration import metadata

from components.evaluator.component import Evaluator
from components.evaluator.config import EvaluationConfig
from components.evaluator.results import Verdict
from components.last_run import LatestOtherBlessedModel
from data.definition.dataset import Dataset
from tests.components.evaluator.prices import known


class ConstantRanker(tf.Module):
    """score = slope * price."""

    def __init__(self, slope: float) -> None:
        super().__init__()
        self._slope = slope

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string)], autograph=False)
    def serve_examples(self, examples: tf.Tensor) -> dict[str, tf.Tensor]:
        price = tf.io.parse_example(examples, {"price": tf.io.RaggedFeature(tf.float32)})["price"]
        return self._outputs(tf.ragged.map_flat_values(known, price).to_tensor(float("nan")))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="price")], autograph=False)
    def serving_default(self, price: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._outputs(known(price))

    def _outputs(self, price: tf.Tensor) -> dict[str, tf.Tensor]:
        score = self._slope * price
        probability = tf.sigmoid(score)
        return {
            "score": score,
            "probability_click": probability,
            "probability_purchase": probability,
        }


@component
def SlopeTrainer(  # noqa: N802 - a component is named like a class
    model: tfx.dsl.components.OutputArtifact[tfx.types.standard_artifacts.Model],
    slope: tfx.dsl.components.Parameter[float],
) -> None:
    ranker = ConstantRanker(slope)
    signatures = {
        "serve_examples": ranker.serve_examples,
        "serving_default": ranker.serving_default,
    }
    tf.saved_model.save(ranker, f"{model.uri}/Format-Serving", signatures=signatures)


class Runner:
    """Runs the pipeline and looks into ML Metadata."""

    def __init__(self, folder: Path, dataset: Dataset) -> None:
        self._folder = folder
        self._dataset = dataset
        self._connection = tfx.orchestration.metadata.sqlite_metadata_connection_config(
            str(folder / "metadata.sqlite")
        )

    def run(self, slope: float) -> set[str]:
        """Runs with a model and returns the nodes that were not answered from the cache."""
        before = {execution.id for execution in self._executions()}
        tfx.orchestration.LocalDagRunner().run(self._pipeline(slope))
        with metadata.Metadata(self._connection) as handle:
            types = {kind.id: kind.name for kind in handle.store.get_execution_types()}
        complete = metadata_store_pb2.Execution.COMPLETE
        new = [execution for execution in self._executions() if execution.id not in before]
        names = {types[item.type_id] for item in new if item.last_known_state == complete}
        return {name.rpartition(".")[2] for name in names} & {"SlopeTrainer", "Evaluator", "Pusher"}

    def verdicts(self) -> list[Verdict]:
        """All verdicts, by execution."""
        found = (self._folder / "root" / "Evaluator" / "evaluation").glob("*/verdict.json")
        ordered = sorted(found, key=lambda path: int(path.parent.name))
        return [Verdict.model_validate_json(path.read_text()) for path in ordered]

    def versions(self) -> int:
        """Number of pushed versions."""
        return len(list((self._folder / "serving").glob("*")))

    def _executions(self) -> list[metadata_store_pb2.Execution]:
        with metadata.Metadata(self._connection) as handle:
            return handle.store.get_executions()

    def _pipeline(self, slope: float) -> tfx.dsl.Pipeline:
        artifacts = tfx.types.standard_artifacts
        examples = tfx.dsl.Importer(
            source_uri=str(self._folder / "examples"),
            artifact_type=artifacts.Examples,
            properties={"split_names": '["eval"]'},
        ).with_id("Examples")
        trainer = SlopeTrainer(slope=slope)
        baseline = tfx.dsl.Resolver(
            strategy_class=LatestOtherBlessedModel,
            candidate=trainer.outputs["model"],
            model=tfx.dsl.Channel(type=artifacts.Model),
            model_blessing=tfx.dsl.Channel(type=artifacts.ModelBlessing),
        ).with_id("Baseline")
        evaluator = Evaluator(
            examples=examples.outputs["result"],
            model=trainer.outputs["model"],
            baseline_model=baseline.outputs["model"],
            dataset=self._dataset.model_dump_json(),
            evaluation=EvaluationConfig(smallest_slice=20).model_dump_json(),
        )
        destination = tfx.proto.PushDestination.Filesystem(
            base_directory=str(self._folder / "serving")
        )
        pusher = tfx.components.Pusher(
            model=trainer.outputs["model"],
            model_blessing=evaluator.outputs["blessing"],
            push_destination=tfx.proto.PushDestination(filesystem=destination),
        )
        return tfx.dsl.Pipeline(
            pipeline_name="shop",
            pipeline_root=str(self._folder / "root"),
            components=[examples, trainer, baseline, evaluator, pusher],
            enable_cache=True,
            metadata_connection_config=self._connection,
        )


@pytest.fixture
def runner(tmp_path: Path, shop: Dataset, write_lists: Callable[..., None]) -> Runner:
    write_lists(tmp_path / "examples" / "Split-eval", 60)
    return Runner(tmp_path, shop)


def test_unchanged_runs_are_cached_and_changed_models_meet_the_last_blessed_one(
    runner: Runner,
) -> None:
    everything = {"SlopeTrainer", "Evaluator", "Pusher"}
    assert runner.run(-1.0) == everything
    assert runner.verdicts()[-1].blessed
    assert runner.verdicts()[-1].baseline.state == "none"
    assert runner.run(-1.0) == set()
    assert runner.versions() == 1

    assert runner.run(-2.0) == everything
    first, second = runner.verdicts()
    assert second.baseline.state == "compared"
    assert second.baseline.model == first.candidate
    assert second.blessed  # it ranks as the first one does: no change
    assert runner.versions() == 2
    assert runner.run(-2.0) == set()

    # The worst order there is: compared with the last blessed model, not blessed, not pushed.
    assert runner.run(1.0) == everything
    third = runner.verdicts()[-1]
    assert third.baseline.model == second.candidate
    assert not third.blessed
    assert runner.versions() == 2
    assert runner.run(1.0) == set()
