"""The artifact of the diagnostics."""

from tfx.types.artifact import Artifact


class DiagnosticsArtifact(Artifact):
    """Calibration, importance of features and domestic shares of a model on evaluation lists.

    * `diagnostics.json`: see `components.diagnostics.results.Diagnostics`.
    """

    TYPE_NAME = "ModelDiagnostics"
