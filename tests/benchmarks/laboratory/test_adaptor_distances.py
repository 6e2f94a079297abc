"""Distances between regions, stage by stage of the adaptor."""

from itertools import combinations

import numpy as np
import pytest
import tensorflow as tf
from scipy import stats

from benchmarks.laboratory import adaptor_distances
from benchmarks.laboratory.adaptor_distances import STAGES, _distances, _values, by_stage
from benchmarks.laboratory.logs import Preset, simulated_logs
from benchmarks.laboratory.prepared import Prepared
from components.region_split.config import RegionSplitConfig
from models.config import ModelConfig, TrainingConfig
from models.layers.region_adaptor import RegionAdaptor
from models.ranking_model import RankingModel

STREAMS = ("country", "dependent")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    logs = simulated_logs(Preset(lists=300, evaluation_lists=200, seeds=1, epochs=1))
    split = RegionSplitConfig(fewest_lists=20)
    folder = tmp_path_factory.mktemp("prepared")
    return Prepared(logs, split, folder)


def _network(prepared: Prepared, **model: object) -> RankingModel:
    chosen = ModelConfig.model_validate({"unknown_region_share": 0, **model})
    transform, split = prepared.transform, prepared.split
    network = RankingModel(prepared.dataset, chosen, TrainingConfig(), split, transform.sizes)
    network(prepared.reader(tf.constant(prepared.examples["evaluation"][:1])))
    return network


def test_a_mask_of_one_changes_no_distance(prepared: Prepared) -> None:
    found = by_stage(_network(prepared, ranker="seq_md"), prepared, "evaluation")
    assert set(found) == set(STAGES)
    # Every mask starts at 1.
    np.testing.assert_allclose(found["features"], found["masked"], atol=1e-6)
    without, transformed = found["transformed without mask"], found["transformed"]
    np.testing.assert_allclose(without, transformed, atol=1e-3)
    assert found["features"].max() > 0.1


def test_what_is_masked_has_the_shift_and_is_what_the_mlp_reads() -> None:
    adaptor = RegionAdaptor(copies=2, mask_units=(3,), transformed_units=(4,), shift=True, seed=1)
    streams = {name: tf.random.stateless_normal([6, 5], [1, len(name)]) for name in STREAMS}
    adaptor(streams)
    for number, weight in enumerate(adaptor.trainable_weights):
        weight.assign_add(0.3 * tf.random.stateless_normal(weight.shape, [number, 1]))
    found = _values(adaptor, streams)
    shift = found["masked"] - adaptor.mask(streams["country"]) * streams["dependent"]
    assert np.abs(shift).min() > 0
    read = adaptor.transformed_mlp(list(map(tf.constant, found["masked"])))
    np.testing.assert_allclose(tf.stack(read), found["transformed"], atol=1e-5)


def test_distances_are_those_of_two_samples() -> None:
    values = np.random.default_rng(1).normal(size=(400, 2))
    # Many values are equal.
    values[:, 1] = np.round(values[:, 1])
    groups = [np.arange(400) % 3 == number for number in range(3)]
    expected = [
        np.mean(
            [stats.ks_2samp(column[a], column[b]).statistic for a, b in combinations(groups, 2)]
        )
        for column in values.T
    ]
    np.testing.assert_allclose(_distances(values, groups), expected, atol=1e-12)


def test_models_without_adaptor_have_none(prepared: Prepared) -> None:
    assert by_stage(_network(prepared, ranker="ple"), prepared, "evaluation") == {}


def test_one_region_alone_has_no_distance(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = _network(prepared, ranker="seq_md")
    monkeypatch.setattr(adaptor_distances, "_LISTS", 19)
    assert by_stage(network, prepared, "evaluation") == {}
