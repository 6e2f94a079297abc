import numpy as np
import pyarrow as pa

from data.dataset import Dataset
from data.labels import fill_implied_labels

NAN = float("nan")


def _dataset(actions_imply_previous: bool) -> Dataset:
    return Dataset.model_validate(
        {
            "name": "labels",
            "list_id": "search",
            "tasks": [{"name": name, "grade": 1} for name in ("click", "cart", "purchase")],
            "features": [{"name": "price", "scope": "item", "kind": "numeric"}],
            "actions_imply_previous": actions_imply_previous,
        }
    )


def _rows() -> pa.RecordBatch:
    labels = {
        "label_click": [0, NAN, 0, NAN, 1],
        "label_cart": [0, 1, 0, 0, NAN],
        "label_purchase": [1, 0, 0, NAN, NAN],
    }
    columns = [pa.array(np.array(values, np.float32)) for values in labels.values()]
    return pa.RecordBatch.from_arrays(columns, list(labels))


def test_an_action_sets_the_labels_of_all_before_it() -> None:
    rows, implied = fill_implied_labels(_dataset(True), _rows())
    found = {name: rows[name].to_numpy().tolist() for name in rows.schema.names}
    np.testing.assert_array_equal(found["label_click"], [1, 1, 0, NAN, 1])
    np.testing.assert_array_equal(found["label_cart"], [1, 1, 0, 0, NAN])
    np.testing.assert_array_equal(found["label_purchase"], [1, 0, 0, NAN, NAN])
    assert implied == {"click": 2, "cart": 1, "purchase": 0}
    assert rows.schema.field("label_click").type == pa.float32()


def test_actions_that_imply_nothing_stay_as_they_are() -> None:
    rows, implied = fill_implied_labels(_dataset(False), _rows())
    np.testing.assert_array_equal(rows["label_click"].to_numpy(), [0, NAN, 0, NAN, 1])
    assert implied == {"click": 0, "cart": 0, "purchase": 0}
