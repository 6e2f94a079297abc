"""summary.json: the result of a run for machines; docs/summary.md describes it."""

from typing import Literal

from components.diagnostics.results import Counterfactual
from components.evaluator.results import Results, Verdict
from components.example_validator.validation import Validation
from components.list_example_gen.counts import ListCounts
from data.artifacts.region_split import FeatureSplit
from data.artifacts.vocabulary_files import UnknownValues
from data.definition import keys
from data.definition.base import Definition
from pipeline.config import LearningConfig, RunConfig
from pipeline.locations import Inputs, Locations
from pipeline.node_result import NodeResult
from pipeline.pushed_version import pushed_version
from pipeline.run_results import RunResults
from pipeline.summary_head import DatasetName, SummaryHead


class RunCounts(ListCounts):
    """What a run has read.

    Attributes:
        lists_of_new_regions: by region without training lists, the lists that were evaluated by
            the mask of an unknown region.
    """

    lists_of_new_regions: dict[str, int] = {}

    @classmethod
    def with_new_regions(cls, read: ListCounts) -> "RunCounts":
        """The counts of ListExampleGen, and what follows from them."""
        new = {
            region: splits[keys.EVALUATION]
            for region, splits in read.lists_by_region.items()
            if not splits[keys.TRAIN] and splits[keys.EVALUATION]
        }
        return cls.model_construct(**{**dict(read), "lists_of_new_regions": new})


class NodeCost(Definition):
    """What a component took: `seconds`, and whether it was answered from the cache."""

    seconds: float
    cached: bool


class SummaryPaths(Definition):
    """Where everything of a run is.

    Attributes:
        pushed_model: the version that was pushed; None where none was, or it was withdrawn.
        serving_model: the folder of versions.
        region_split: the file of the sides of the features.
        evaluation: folder of the metrics and the verdict.
        rows_set_aside: folder of the rows that were set aside, and of the counts.
        diagnostics: folder of calibration, importance and domestic shares.
        anomalies: folder of what the data was compared with, and what was found.
        tensorboard: folder of the training's events and checkpoints.
        metadata: the file of ML Metadata.
        log: what the libraries printed.
        summary: summary.json itself.
        report: the page for people.
    """

    pushed_model: str | None
    serving_model: str
    region_split: str
    evaluation: str
    rows_set_aside: str
    diagnostics: str
    anomalies: str
    tensorboard: str
    metadata: str
    log: str
    summary: str
    report: str


class Summary(SummaryHead):
    """The whole of summary.json of a run that is complete.

    Attributes:
        inputs: paths, patterns and dates as they were given.
        config: model, training, evaluation, region split and validation, all defaults filled in.
        seed: of the training.
        unknown_values: by categorical feature, values that the model's vocabulary lacks.
        counts: rows and lists.
        region_split: the sides of the features.
        validation: what the data was compared with, and what was found.
        metrics: what was measured by slice.
        counterfactual: what the new order would earn.
        blessing: the verdict, and every gate in every slice.
        components: by the id of the node.
        seconds: wall time of the run.
        paths: where everything is.
    """

    status: Literal["complete"] = "complete"
    inputs: Inputs
    config: LearningConfig
    seed: int
    unknown_values: dict[str, UnknownValues]
    counts: RunCounts
    region_split: FeatureSplit
    validation: Validation
    metrics: Results
    counterfactual: Counterfactual | None = None
    blessing: Verdict
    components: dict[str, NodeCost]
    seconds: float
    paths: SummaryPaths


def summarise(
    config: RunConfig,
    inputs: Inputs,
    locations: Locations,
    nodes: dict[str, NodeResult],
    seconds: float,
) -> Summary:
    """Gathers what the components wrote.

    Args:
        config: the run's configuration.
        inputs: the log files.
        locations: where everything is kept.
        nodes: results of the components by their id.
        seconds: wall time of the run.

    Returns:
        The content of summary.json.
    """
    found = RunResults(nodes)
    return Summary(
        dataset=DatasetName.of(config),
        inputs=inputs,
        config=config.resolved(),
        seed=config.training.seed,
        unknown_values=found.diagnostics.unknown_values,
        counts=RunCounts.with_new_regions(found.counts),
        region_split=found.split,
        validation=found.validation,
        metrics=found.metrics,
        counterfactual=found.diagnostics.counterfactual,
        blessing=found.verdict,
        components={
            node: NodeCost(seconds=round(result.seconds, 3), cached=result.cached)
            for node, result in nodes.items()
        },
        seconds=round(seconds, 3),
        paths=_paths(locations, found),
    )


def _paths(locations: Locations, found: RunResults) -> SummaryPaths:
    return SummaryPaths(
        pushed_model=pushed_version(found.nodes["Pusher"]),
        serving_model=locations.folders.serving_model,
        region_split=found.split_file,
        evaluation=found.folder("Evaluator", "evaluation"),
        rows_set_aside=found.rows_set_aside,
        diagnostics=found.folder("Diagnostics", "diagnostics"),
        anomalies=found.folder("ExampleValidator", "anomalies"),
        tensorboard=found.folder("Trainer", "model_run"),
        metadata=str(locations.metadata),
        log=str(locations.log),
        summary=str(locations.summary),
        report=str(locations.report),
    )
