"""The artifact of the diagnostics."""

from tfx.types.artifact import Artifact


class DiagnosticsArtifact(Artifact):
    """What a model does on evaluation lists beyond its ranking metrics.

    * `diagnostics.json`: see `components.diagnostics.results.Diagnostics`.
    """

    TYPE_NAME = "ModelDiagnostics"
