"""Results of ExampleValidator: `validation.json`."""

from collections.abc import Sequence
from typing import Literal

from data.artifacts.result_file import ResultFile
from data.definition.base import Definition

# Lines of a message.
_SHOWN = 20

Check = Literal[
    "schema", "missing", "known_values", "vocabulary_growth", "region_share", "drift", "skew"
]


class Finding(Definition):
    """An anomaly.

    Attributes:
        check: the field of `ValidationConfig` behind it, or `schema`.
        feature: the feature; None where it is about a region as a whole.
        region: the region; None overall.
        stops: whether it stops a run.
        message: what was expected and what was found.
    """

    check: Check
    feature: str | None = None
    region: str | None = None
    stops: bool = True
    message: str


class Distance(Definition):
    """A measured distance; see `DistanceThresholds`.

    Attributes:
        check: `drift` from the last run, or `skew` from what is served.
        feature: the feature.
        region: the region; None overall.
        measure: `infinity_norm` or `jensen_shannon`.
        value: the distance.
        threshold: the largest that is taken for no anomaly.
    """

    check: Literal["drift", "skew"]
    feature: str
    region: str | None
    measure: Literal["infinity_norm", "jensen_shannon"]
    value: float
    threshold: float


class Validation(ResultFile):
    """All anomalies and distances of one run.

    Attributes:
        version: version of this format.
        compared_with: folder of the last accepted run's statistics; empty on a first run.
        serving_logs: the serving logs that were compared; empty for none.
        notes: what was not compared, and why.
        findings: anomalies.
        distances: what was measured, the largest first.
    """

    FILE = "validation.json"

    version: Literal[1] = 1
    compared_with: str = ""
    serving_logs: str = ""
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    distances: tuple[Distance, ...] = ()

    @property
    def stopping(self) -> list[Finding]:
        """The findings that stop a run."""
        return [finding for finding in self.findings if finding.stops]


def told(findings: Sequence[Finding]) -> str:
    """Findings as lines of text: those about all lists first, then by region."""
    ordered = sorted(findings, key=lambda one: (one.region or "", one.check, one.feature or ""))
    lines = [f"  {_place(one)}{one.message}" for one in ordered[:_SHOWN]]
    rest = len(ordered) - _SHOWN
    return "\n".join([*lines, f"  and {rest} more"] if rest > 0 else lines)


def _place(finding: Finding) -> str:
    names = [f"region {finding.region}"] if finding.region is not None else []
    names += [f"feature {finding.feature}"] if finding.feature else []
    return ", ".join(names) + ": " if names else ""
