"""One TFMA run: lists in, `Results` by slice out."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import apache_beam as beam
import numpy as np
import tensorflow_model_analysis as tfma
from tensorflow_model_analysis.proto import config_pb2, metrics_for_slice_pb2
from tfx_bsl.tfxio import tf_example_record

from components.evaluator.config import GRADED, EvaluationConfig, SliceColumn
from components.evaluator.extractors import list_row_extractor, ragged_representations, schema
from components.evaluator.intervals import interval_of
from components.evaluator.plan import (
    BASELINE,
    CANDIDATE,
    LIST_PART,
    OBSERVED,
    OF_KIND,
    PCOC,
    PREDICTED,
    SLICE_KEYS,
    WHOLE,
    Column,
    Plan,
    from_tfma,
    place_of,
)
from components.evaluator.ranking_metrics import ABOVE_RANDOM, SHARE_OF_BEST, RankingMetrics
from components.evaluator.results import Estimate, Metric, Results, SliceResults, Target
from data.artifacts.signature_names import SERVE_EXAMPLES
from data.definition.dataset import Dataset

# Lists that are scored and measured at once: enough to make numpy's work dwarf Python's.
_BATCH = 256

# (model, target, name, whether it is a difference to the baseline) -> estimate.
Values = Mapping[tuple[str, str, str, bool], Estimate]


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
            writers=_writers(output, config, models),
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
        slicing_specs=[_slicing(plan, columns) for columns in plan.slicings],
        metrics_specs=[tfma.MetricsSpec(metrics=[metric])],
    )
    config.options.include_default_metrics.value = False
    return config


def _slicing(plan: Plan, columns: Sequence[SliceColumn]) -> tfma.SlicingSpec:
    """What TFMA slices by; slices by kind hold parts of lists, all others whole ones."""
    part = OF_KIND if "kind" in columns else WHOLE
    return tfma.SlicingSpec(
        feature_keys=[SLICE_KEYS[column] for column in columns],
        feature_values={LIST_PART: part} if plan.kinds else {},
    )


def _source(pattern: str, dataset: Dataset) -> beam.PTransform:
    return tf_example_record.TFExampleRecord(
        file_pattern=pattern,
        schema=schema(dataset),
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
            tensor_representations=ragged_representations(dataset),
        ),
        tfma.extractors.PredictionsExtractor(eval_config=config, eval_shared_model=list(shared)),
        list_row_extractor(plan, dataset),
        tfma.extractors.UnbatchExtractor(),
        tfma.extractors.SliceKeyExtractor(eval_config=config, materialize=False),
    ]


def _writers(
    output: str, config: config_pb2.EvalConfig, models: Mapping[str, str]
) -> list[tfma.writers.Writer]:
    """TFMA's files that hold something: there are no plots, attributions or thresholds of TFMA's.

    Each file that is left out spares the Beam pipeline some 35 steps.
    """
    folders = {spec.name: models[spec.name or CANDIDATE] for spec in config.model_specs}
    metrics = {tfma.METRICS_KEY: f"{output}/{tfma.METRICS_KEY}"}
    return [
        tfma.writers.EvalConfigWriter(output, config, model_locations=folders),
        tfma.writers.MetricsPlotsAndValidationsWriter(metrics, config),
    ]


def read_results(
    output: str, plan: Plan, config: EvaluationConfig, models: Mapping[str, str]
) -> Results:
    """Reads what TFMA has written.

    Args:
        output: TFMA's folder.
        plan: what was measured.
        config: level of the intervals.
        models: folder by model.

    Returns:
        The results: slices sorted, overall first.
    """
    read = [_slice_results(proto, plan, config) for proto in tfma.load_metrics(output)]
    read.sort(key=lambda result: place_of(result.slice))
    return Results(
        confidence=config.confidence,
        replicates=config.replicates,
        candidate=models[CANDIDATE],
        baseline=models.get(BASELINE),
        slices=tuple(read),
    )


def _slice_results(
    proto: metrics_for_slice_pb2.MetricsForSlice, plan: Plan, config: EvaluationConfig
) -> SliceResults:
    values = dict(_values(proto.metric_keys_and_values, config))
    counts = {
        name.removeprefix("count/"): round(estimate.value or 0)
        for (_, _, name, _), estimate in values.items()
        if name.startswith("count/")
    }
    key = tfma.slicer.deserialize_slice_key(proto.slice_key)
    return SliceResults(
        slice=from_tfma(key),
        lists=counts["lists"],
        items=counts["items"],
        faulty_predictions={model: counts[f"faulty/{model}"] for model in plan.models},
        targets={target: _target(target, plan, values, counts) for target in plan.targets},
    )


def _values(items: Iterable[Any], config: EvaluationConfig) -> Iterable[tuple[Any, Estimate]]:
    for item in items:
        model = item.key.model_name or CANDIDATE
        key = (model, item.key.output_name, item.key.name, item.key.is_diff)
        yield key, _estimate(item, config.confidence)


def _estimate(item: Any, confidence: float) -> Estimate:
    value = item.value.double_value.value
    if not np.isfinite(value):
        return Estimate()
    if not item.HasField("confidence_interval"):
        return Estimate(value=value)
    interval = item.confidence_interval
    error = interval.standard_error.double_value.value
    return interval_of(value, error, interval.degrees_of_freedom.value, confidence)


def _target(target: str, plan: Plan, values: Values, counts: Mapping[str, int]) -> Target:
    lists = counts[f"lists/{target}/labels"]
    predicted, observed = f"{PREDICTED}/mean", f"{OBSERVED}/mean"
    rankings: dict[str, dict[str, Metric]] = {}
    for column in plan.columns:
        if column.target == target and column.measure != "mean" and column.model != BASELINE:
            rankings.setdefault(column.order, {})[column.measure] = _metric(column, values)
    return Target(
        lists_counted=lists,
        lists_not_counted=counts["lists"] - lists,
        lists_of_equals=counts[f"equals/{target}"],
        lists_open=counts.get(f"open/{target}", 0),
        positives=counts[f"positives/{target}"],
        labelled_items=None if target == GRADED else counts[f"labelled/{target}"],
        predicted=values.get((CANDIDATE, target, predicted, False)),
        predicted_by_baseline=values.get((BASELINE, target, predicted, False)),
        observed=values.get((CANDIDATE, target, observed, False)),
        pcoc=values.get((CANDIDATE, target, PCOC, False)),
        rankings=rankings,
    )


def _metric(column: Column, values: Values) -> Metric:
    name = f"{column.order}/{column.measure}"
    target = column.target
    own = values[CANDIDATE, target, name, False]
    return Metric(
        value=own.value,
        low=own.low,
        high=own.high,
        standard_error=own.standard_error,
        above_random=values.get((CANDIDATE, target, f"{name}/{ABOVE_RANDOM}", False)),
        share_of_best=values.get((CANDIDATE, target, f"{name}/{SHARE_OF_BEST}", False)),
        baseline=values.get((BASELINE, target, name, False)),
        change=values.get((CANDIDATE, target, name, True)),
    )
