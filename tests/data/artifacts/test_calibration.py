from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import expit

from data.artifacts.calibration import Calibration, Shifts, interpolated, place_features
from data.artifacts.model_folder import ExtraFiles
from data.definition.dataset import Dataset
from data.errors import InputError


def dataset(**fields: Any) -> Dataset:
    features = [
        {"name": "visitor", "column": "country", "scope": "context", "kind": "categorical"},
        {"name": "device", "scope": "context", "kind": "numeric"},
        {"name": "price", "scope": "item", "kind": "numeric"},
    ]
    tasks = [{"name": "click", "grade": 1}]
    return Dataset.model_validate(
        {"name": "shop", "list_id": "id", "tasks": tasks, "features": features, **fields}
    )


def test_places_are_said_by_categorical_context_features_of_their_column() -> None:
    found = place_features(dataset(region="country", platform="app"))
    assert {role: feature.name for role, feature in found.items()} == {"region": "visitor"}
    # A number is no name of a platform, and without a region there is none.
    assert place_features(dataset(platform="device")) == {}


def test_a_line_goes_on_beyond_its_points_with_slope_1() -> None:
    found = interpolated(np.array([-3.0, 0.5, 4.0]), np.array([0.0, 1.0]), np.array([2.0, 2.5]))
    assert found.tolist() == [2 - 3, 2.25, 2.5 + 3]


@pytest.mark.parametrize(("place", "shift"), [("DE", 0.5), ("FR", 0.0)])
def test_a_calibration_is_undone_by_place(place: str, shift: float) -> None:
    calibration = Calibration(
        tasks=("click",),
        first=-1,
        step=2,
        curves=((-4.0, -3.0),),
        descending=False,
        shifts={"region": Shifts(feature="visitor", values=("DE",), of_tasks=((0.5,),))},
    )
    # 0 lies halfway between the knots, and so at -3.5.
    found = calibration.undone("click", expit(np.array([-3.5 + shift])), {"visitor": [place]})
    assert found == pytest.approx([0.5])


@pytest.mark.parametrize("text", ['{"version": 2}', "{"])
def test_a_file_of_another_form_is_told(text: str, tmp_path: Path) -> None:
    file = Path(ExtraFiles(str(tmp_path)).calibration)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    with pytest.raises(InputError, match=r"calibration\.json: not as expected"):
        Calibration.of_model(str(tmp_path))
