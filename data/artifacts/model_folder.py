"""Exported models on a disk: the versions in a folder, and the files that go with each."""

from dataclasses import dataclass
from pathlib import Path

from data.errors import InputError
from data.files import below

# A folder of versions holds withdrawn ones here, so that a version moves there by a rename; its
# name is no number, so TF Serving passes it over.
WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class ExtraFiles:
    """Paths of the files that go with an exported model, in SavedModel's own place for such.

    Attributes:
        model: path or URI of the SavedModel.
    """

    model: str

    @property
    def dataset(self) -> str:
        """The `Dataset` that it was trained with."""
        return self._path("dataset.yaml")

    @property
    def network(self) -> str:
        """The `ModelConfig`."""
        return self._path("model.yaml")

    @property
    def training(self) -> str:
        """The `TrainingConfig`."""
        return self._path("training.yaml")

    @property
    def region_split(self) -> str:
        """The `FeatureSplit`."""
        return self._path("region_split.json")

    @property
    def calibration(self) -> str:
        """The `Calibration`; absent where the probabilities are the network's own."""
        return self._path("calibration.json")

    @property
    def examination(self) -> str:
        """The `LearntExamination`; absent where training did not correct position bias."""
        return self._path("examination.json")

    @property
    def weights(self) -> str:
        """Names of the weights, in the order of the checkpoint."""
        return self._path("weights.json")

    @property
    def weight_axes(self) -> str:
        """Names of the features and tasks along the axes of the weights."""
        return self._path("weight_axes.json")

    @property
    def columns(self) -> str:
        """The feature that each column of the network's input is made of, in their order."""
        return self._path("columns.json")

    @property
    def warm_up(self) -> str:
        """What TF Serving asks the model first; the name is TF Serving's."""
        return self._path("tf_serving_warmup_requests")

    def _path(self, name: str) -> str:
        return below(self.model, "assets.extra", name)


def newest_version(model: Path, option: str = "--model") -> Path:
    """The SavedModel in a folder: the folder itself, or its highest version.

    Args:
        model: the folder.
        option: what named it, for the message.

    Returns:
        The version's folder.

    Raises:
        InputError: if there is neither.
    """
    if (model / "saved_model.pb").exists():
        return model
    versions = whole_versions(model)
    if not versions:
        raise InputError(f"{option}: expected a pushed model, found none in {model}")
    return versions[max(versions)]


def whole_versions(model: Path) -> dict[int, Path]:
    """Folders of the versions that hold a SavedModel, by number."""
    return {
        number: folder
        for number, folder in numbered_versions(model).items()
        if (folder / "saved_model.pb").exists()
    }


def numbered_versions(model: Path) -> dict[int, Path]:
    """All folders that a server takes for versions, by number."""
    return {
        int(folder.name): folder
        for folder in model.glob("*")
        if folder.name.isascii() and folder.name.isdecimal() and folder.is_dir()
    }
