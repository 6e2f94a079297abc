import math
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from data.artifacts.region_split import FeatureSplit
from data.definition.dataset import Dataset
from data.definition.feature import Feature
from data.errors import InputError
from models.features.feature_streams import FeatureStreams
from models.features.layout import Layout
from models.features.transform_graph import TransformGraph
from models.features.unknown_regions import UnknownRegions
from models.layers.streams import COUNTRY_OF_LISTS, LEARNT, LIST_OF_ITEM, STREAMS
from models.training.input_pipeline import Reader


def embeddings(layer: FeatureStreams) -> dict[str, np.ndarray]:
    """Each feature's part of the tables."""
    own = layer.embeddings
    return {
        name: own.tables[f"{rows.width}"].numpy()[rows.first : rows.after]
        for name, rows in own.rows.items()
    }


def embedded_of_lists(dataset: Dataset) -> tuple[Feature, ...]:
    return Layout(dataset).embedded["context"]


@pytest.fixture
def batch(reader: Reader, lists: list[Any]) -> dict[str, tf.Tensor]:
    return reader(tf.constant([one.serialized() for one in lists[:5]]))


def test_streams_hold_what_the_split_says(
    dataset: Dataset, split: FeatureSplit, graph: TransformGraph, batch: dict[str, tf.Tensor]
) -> None:
    layer = FeatureStreams(dataset, split, graph.sizes, seed=1)
    streams = {name: stream.numpy() for name, stream in layer(batch).items()}
    lengths = batch["row__lengths"].numpy()
    named = Layout(dataset).named(batch)
    tables = embeddings(layer)

    def repeated(values: np.ndarray) -> np.ndarray:
        return np.repeat(values, lengths, axis=0)

    def columns(*names: str) -> np.ndarray:
        return np.stack([named[name].numpy() for name in names], axis=1)

    country = [columns("wealth", "wealth__missing"), tables["region"][named["region"]]]
    np.testing.assert_array_equal(streams["country"], repeated(np.concatenate(country, axis=1)))
    dependent = [columns("price", "price__missing"), tables["brand"][named["brand"]]]
    np.testing.assert_array_equal(streams["dependent"], np.concatenate(dependent, axis=1))
    within = columns(
        "price__percentile",
        "price__standardised",
        "rating__percentile",
        "rating",
        "rating__missing",
        "image__missing",
    )
    invariant = [within, tables["age"][named["age"]], columns("image[0]", "image[1]")]
    invariant.append(repeated(tables["nights"][named["nights"]]))
    np.testing.assert_array_equal(streams["invariant"], np.concatenate(invariant, axis=1))


def test_columns_are_named_in_their_order(
    dataset: Dataset, split: FeatureSplit, graph: TransformGraph
) -> None:
    layer = FeatureStreams(dataset, split, graph.sizes, seed=1)
    # As the streams of the test above are put together.
    expected = {
        "country": "wealth wealth__missing region[0] region[1]",
        "dependent": "log(price) price__missing brand[0] brand[1]",
        "invariant": "price__percentile log(price)__standardised rating__percentile rating "
        "rating__missing image__missing age[0] age[1] image[0] image[1] nights[0] nights[1]",
    }
    assert {name: " ".join(of_stream) for name, of_stream in layer.columns().items()} == expected
    assert layer.feature_of_columns()["log(price)__standardised"] == "price"
    assert layer.feature_of_columns()["image[1]"] == "image"


def test_embeddings_are_as_wide_as_their_values_ask_for(
    dataset: Dataset, split: FeatureSplit, graph: TransformGraph, batch: dict[str, tf.Tensor]
) -> None:
    layer = FeatureStreams(dataset, split, graph.sizes, seed=1)
    layer(batch)
    shapes = {name: table.shape for name, table in embeddings(layer).items()}
    assert shapes == {
        "region": (3, 2),  # 2 regions and the unknown one; min(8, 2)
        "nights": (4, math.ceil(math.sqrt(3))),
        "brand": (5, math.ceil(math.sqrt(3))),
        "age": (5, math.ceil(math.sqrt(4))),
    }
    # Missing and unknown brands need not occur in training: they start as nothing.
    brand = embeddings(layer)["brand"]
    # All are two wide, and so in one table.
    assert [table.shape for table in layer.embeddings.tables.values()] == [(3 + 4 + 5 + 5, 2)]
    assert not brand[[0, 4]].any()
    assert brand[1:4].all()


def test_a_split_of_other_features_is_refused(dataset: Dataset, graph: TransformGraph) -> None:
    split = FeatureSplit(country=("region",), invariant=("price", "colour"))
    with pytest.raises(InputError, match=r"missing \['age', .* unknown \['colour'\]"):
        FeatureStreams(dataset, split, graph.sizes)


def test_a_share_of_regions_becomes_unknown_in_training_only(
    dataset: Dataset, graph: TransformGraph
) -> None:
    ids = tf.zeros([20_000, 2], tf.int64)
    layer = UnknownRegions(dataset, embedded_of_lists(dataset), graph.sizes, 0.02, seed=3)
    assert not layer(ids).numpy().any()
    region, nights = layer(ids, training=True).numpy().T
    assert not nights.any()
    assert set(region) == {0, 2}
    # Four standard deviations of the share.
    assert abs((region == 2).mean() - 0.02) < 4 * math.sqrt(0.02 * 0.98 / 20_000)
    assert (layer(ids, training=True).numpy()[:, 0] != region).any()


def test_the_same_step_draws_the_same_lists(dataset: Dataset, graph: TransformGraph) -> None:
    ids = tf.zeros([100, 2], tf.int64)
    features = embedded_of_lists(dataset)
    layers = [UnknownRegions(dataset, features, graph.sizes, 0.5, seed=3) for _ in range(2)]
    first, second = ([layer(ids, training=True).numpy() for _ in range(3)] for layer in layers)
    np.testing.assert_array_equal(first, second)


def test_several_unknown_ids_are_all_learnt() -> None:
    dataset = Dataset.model_validate(
        {
            "name": "small",
            "list_id": "id",
            "country_features": ["region"],
            "tasks": [{"name": "click", "grade": 1}],
            "features": [
                {
                    "name": "region",
                    "scope": "context",
                    "kind": "categorical",
                    "out_of_vocabulary_buckets": 3,
                },
                {"name": "price", "scope": "item", "kind": "numeric"},
            ],
        }
    )
    ids = tf.zeros([1000, 1], tf.int64)
    layer = UnknownRegions(dataset, embedded_of_lists(dataset), {"region": 10}, 0.5, seed=3)
    assert set(layer(ids, training=True).numpy().flat) == {0, 7, 8, 9}


def test_widths_are_known_beforehand(
    dataset: Dataset, split: FeatureSplit, graph: TransformGraph, batch: dict[str, tf.Tensor]
) -> None:
    streams = FeatureStreams(dataset, split, graph.sizes)
    found = streams(batch)
    expected = {name: found[name].shape[1] for name in STREAMS}
    assert FeatureStreams(dataset, split, graph.sizes).widths() == expected


def test_embeddings_and_no_numbers_are_told_to_be_learnt(
    dataset: Dataset, split: FeatureSplit, graph: TransformGraph, batch: dict[str, tf.Tensor]
) -> None:
    layer = FeatureStreams(dataset, split, graph.sizes)
    streams = layer(batch, training=True)
    for stream, columns in layer.columns().items():
        partly = streams[LEARNT[stream]]
        names = [columns[place] for place in partly.places]
        embedded = {feature.name for feature in dataset.features if feature.name in graph.sizes}
        of_features = layer.feature_of_columns()
        assert sorted(names) == sorted(one for one in columns if of_features[one] in embedded)
        np.testing.assert_array_equal(partly.values, streams[stream])
        np.testing.assert_array_equal(
            partly.learnt, tf.gather(streams[stream], np.array(partly.places, int), axis=1)
        )
    assert not set(LEARNT.values()) & set(layer(batch, training=False))


def test_country_features_of_lists_are_said_once_a_list(
    dataset: Dataset, split: FeatureSplit, graph: TransformGraph, batch: dict[str, tf.Tensor]
) -> None:
    streams = FeatureStreams(dataset, split, graph.sizes)(batch)
    of_lists = streams[COUNTRY_OF_LISTS].numpy()
    assert len(of_lists) == len(batch["row__lengths"])
    of_items = of_lists[streams[LIST_OF_ITEM].numpy()]
    np.testing.assert_array_equal(streams["country"], of_items)
    by_items = FeatureSplit(
        country=("price", "region", "wealth"),
        dependent=("brand",),
        invariant=("nights", "rating", "age", "image"),
    )
    assert set(FeatureStreams(dataset, by_items, graph.sizes)(batch)) == set(STREAMS)
