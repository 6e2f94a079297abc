"""What the nodes of a run wrote, read back for its summary and its report."""

from collections.abc import Mapping
from dataclasses import dataclass

from components.diagnostics.results import Diagnostics
from components.evaluator.results import Results, Verdict
from components.example_validator.validation import Validation
from components.list_example_gen.counts import ListCounts
from data.artifacts.attribute_fill import AttributeFillResult
from data.artifacts.region_split import FILE_NAME as REGION_SPLIT_FILE
from data.artifacts.region_split import FeatureSplit
from pipeline.node_result import NodeResult


@dataclass(frozen=True)
class RunResults:
    """Results of a run by name; each raises a KeyError where its node has not completed.

    Attributes:
        nodes: what became of the nodes that have completed, by their id.
    """

    nodes: Mapping[str, NodeResult]

    def folder(self, node: str, output: str) -> str:
        """Folder of an artifact that a node wrote.

        Args:
            node: id of the node.
            output: key of the output.

        Returns:
            A path or URI.
        """
        return self.nodes[node].outputs[output].uri

    @property
    def filled(self) -> AttributeFillResult:
        """What filling the attributes of listings came to, by AttributeFill."""
        return AttributeFillResult.load(self.folder("AttributeFill", "attributes"))

    @property
    def rows_set_aside(self) -> str:
        """Folder of the rows that were set aside, and of the counts."""
        return self.folder("ListExampleGen", "rows_set_aside")

    @property
    def counts(self) -> ListCounts:
        """What was read, by ListExampleGen."""
        return ListCounts.load(self.rows_set_aside)

    @property
    def validation(self) -> Validation:
        """Anomalies, drift and skew, by ExampleValidator."""
        return Validation.load(self.folder("ExampleValidator", "anomalies"))

    @property
    def split_file(self) -> str:
        """The file of the region split."""
        return f"{self.folder('RegionSplit', 'region_split')}/{REGION_SPLIT_FILE}"

    @property
    def split(self) -> FeatureSplit:
        """The sides of the features, by RegionSplit."""
        return FeatureSplit.load(self.split_file)

    @property
    def metrics(self) -> Results:
        """Ranking metrics by slice, by Evaluator."""
        return Results.load(self.folder("Evaluator", "evaluation"))

    @property
    def verdict(self) -> Verdict:
        """Whether the model was blessed, and why, by Evaluator."""
        return Verdict.load(self.folder("Evaluator", "evaluation"))

    @property
    def diagnostics(self) -> Diagnostics:
        """Calibration, importance and domestic shares, by Diagnostics."""
        return Diagnostics.load(self.folder("Diagnostics", "diagnostics"))
