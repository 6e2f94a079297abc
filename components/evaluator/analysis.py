"""One TFMA run: lists in, metrics by slice out."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import apache_beam as beam
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.proto import config_pb2
from tfx_bsl.tfxio import tf_example_record

from components.evaluator import extractor
from components.evaluator.plan import Plan
from components.evaluator.ranking_metrics import RankingMetrics
from components.evaluator.slices import SLICE_KEYS
from data.dataset import Dataset
from data.served_answer import SERVE_EXAMPLES

# Lists that are scored and measured at once: enough to make numpy's work dwarf Python's.
_BATCH = 256


def measure(
    pipeline: beam.Pipeline,
    file_patterns: Sequence[str],
    models: Mapping[str, str],
    dataset: Dataset,
    plan: Plan,
    output: str,
) -> None:
    """Adds the evaluation to a Beam pipeline; TFMA writes its results when that has run.

    Args:
        pipeline: the pipeline.
        file_patterns: files with Examples, a list each.
        models: folder of the SavedModel by name, as in `plan.models`.
        dataset: the definition of the lists.
        plan: what is measured.
        output: folder for TFMA's files.
    """
    config = eval_config(plan)
    shared = [_shared_model(name, models[name], config) for name in plan.models]
    batches = [
        pipeline | f"Read[{index}]" >> _source(pattern, dataset)
        for index, pattern in enumerate(file_patterns)
    ]
    _ = (
        batches
        | "Flatten" >> beam.Flatten()
        | "Evaluate"
        >> tfma.ExtractEvaluateAndWriteResults(
            eval_shared_model=shared,
            eval_config=config,
            extractors=_extractors(config, shared, dataset, plan),
            output_path=output,
        )
    )


def eval_config(plan: Plan) -> tfma.EvalConfig:
    """TFMA's configuration: models by signature, slices, and the one metric.

    No model is called a baseline: TFMA would subtract values and lose the paired intervals.
    """
    metric = tfma.MetricConfig(
        class_name=RankingMetrics.__name__,
        module=RankingMetrics.__module__,
        config=json.dumps({"plan": plan.model_dump_json()}),
    )
    config = tfma.EvalConfig(
        model_specs=[
            tfma.ModelSpec(
                name=name if len(plan.models) > 1 else "",
                signature_name=SERVE_EXAMPLES,
                model_type=tfma.TF_GENERIC,
            )
            for name in plan.models
        ],
        slicing_specs=[
            tfma.SlicingSpec(feature_keys=[SLICE_KEYS[column] for column in columns])
            for columns in plan.slicings
        ],
        metrics_specs=[tfma.MetricsSpec(metrics=[metric])],
    )
    config.options.include_default_metrics.value = False
    return config


def _source(pattern: str, dataset: Dataset) -> beam.PTransform:
    return tf_example_record.TFExampleRecord(
        file_pattern=pattern,
        schema=extractor.schema(dataset),
        raw_record_column_name=tfma.ARROW_INPUT_COLUMN,
        telemetry_descriptors=["Evaluator"],
    ).BeamSource(_BATCH)


def _shared_model(name: str, folder: str, config: config_pb2.EvalConfig) -> Any:
    return tfma.default_eval_shared_model(
        eval_saved_model_path=folder,
        model_name=name if len(config.model_specs) > 1 else "",
        eval_config=config,
    )


def _extractors(
    config: config_pb2.EvalConfig, shared: Sequence[Any], dataset: Dataset, plan: Plan
) -> list[tfma.extractors.Extractor]:
    return [
        tfma.extractors.FeaturesExtractor(
            eval_config=config,
            tensor_representations=extractor.ragged_representations(dataset),
        ),
        tfma.extractors.PredictionsExtractor(eval_config=config, eval_shared_model=list(shared)),
        extractor.list_row_extractor(plan, dataset),
        tfma.extractors.UnbatchExtractor(),
        tfma.extractors.SliceKeyExtractor(eval_config=config, materialize=False),
    ]
