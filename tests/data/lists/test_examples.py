import numpy as np

from data.definition.feature import Feature
from data.lists.examples import example_decoder, feature_columns, plain_example

FEATURES = [
    Feature.model_validate({"name": "hour", "scope": "context", "kind": "numeric"}),
    Feature.model_validate({"name": "brand", "scope": "item", "kind": "categorical"}),
    Feature.model_validate({"name": "style", "scope": "item", "kind": "vector", "length": 2}),
]
COLUMNS = {
    "hour": np.array([7.0], np.float32),
    "brand": np.array([b"acme", b""], object),
    "style": np.array([[1.0, 2.0], [3.0, 4.0]], np.float32),
    "list_id": np.array([b"s1"], object),
    "label_click": np.array([0.0, 1.0], np.float32),
}


def test_a_list_as_an_example_gives_its_columns_back() -> None:
    found = feature_columns(FEATURES, plain_example(COLUMNS))
    assert list(found) == ["hour", "brand", "style"]
    for name, values in found.items():
        assert values.dtype == COLUMNS[name].dtype
        np.testing.assert_array_equal(values, COLUMNS[name])


def test_a_decoder_reads_the_keys_that_it_is_asked_for() -> None:
    decoder = example_decoder(FEATURES, texts=["list_id"], numbers=["label_click"])
    columns = decoder.DecodeBatch([plain_example(COLUMNS)]).to_pydict()
    assert columns == {name: [values.ravel().tolist()] for name, values in COLUMNS.items()}
    assert example_decoder(texts=["list_id"]).DecodeBatch([plain_example(COLUMNS)]).num_columns == 1
