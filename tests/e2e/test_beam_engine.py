"""The pipeline with its Beam work on an engine gives what it gives in one process.

Beam's own portable job service is always tried; Flink and Spark where the jar of their job server
is given: `pytest tests/e2e/test_beam_engine.py --flink-job-server JAR --spark-job-server JAR`.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_data_validation as tfdv

from pipeline.scored_rows import score_logs
from tests.e2e.engine import ROOT, Engine, installed, running
from tests.e2e.running import SIMULATED, Marketplace, Run, run_pipeline

pytestmark = pytest.mark.thorough
# Seconds in which Beam gives up its work, which takes a minute.
LONGEST = 600


@pytest.fixture(scope="module")
def direct(first_run: Run) -> Run:
    return first_run


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("workers")
    with running(installed(folder), folder / "cwd") as started:
        yield started


@pytest.fixture(scope="module", params=["portable", "flink", "spark"])
def elsewhere(
    request: pytest.FixtureRequest,
    marketplace: Marketplace,
    engine: Engine,
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    name = request.param
    flags = [f"--environment_type=EXTERNAL --environment_config={engine.pool}"]
    if name == "portable":
        flags.append(f"--job_endpoint={engine.job_service} --job_server_timeout={LONGEST}")
    else:
        jar = request.config.getoption(f"--{name}-job-server")
        if jar is None:
            pytest.skip(f"{name}: no jar of Beam's job server was given (--{name}-job-server JAR)")
        master = "--flink_master=[local]" if name == "flink" else "--spark_master_url=local[2]"
        flags += [master, f"--{name}_job_server_jar={jar}"]
    words = ["--beam-runner", name, f"--beam-args={' '.join(flags)}"]
    output = tmp_path_factory.mktemp(name)
    run = run_pipeline(marketplace.definition, [marketplace.logs], output, *words)
    assert run.code in (0, 2), run.screen + run.errors + engine.logs()
    return run


def artifact(run: Run, pattern: str) -> Path:
    return next((run.output / "pipeline").glob(pattern))


def records(folder: Path) -> dict[str, list[bytes]]:
    """Lists by split and file."""
    return {
        str(path.relative_to(folder)): sorted(tf.data.TFRecordDataset(path).as_numpy_iterator())
        for path in folder.glob("Split-*/*")
    }


def close(one: Any, two: Any, tolerance: float) -> bool:
    """Whether two pieces of JSON are equal but for the last digits of numbers."""
    if isinstance(one, Mapping):
        return set(one) == set(two) and all(close(one[key], two[key], tolerance) for key in one)
    if isinstance(one, list):
        pairs = zip(one, two, strict=True)
        return len(one) == len(two) and all(close(*pair, tolerance) for pair in pairs)
    if isinstance(one, float):
        return one == pytest.approx(two, abs=tolerance, nan_ok=True)
    return one == two


def test_workers_have_the_package_and_not_the_source_tree(engine: Engine) -> None:
    assert not Path(engine.source_of("components")).is_relative_to(ROOT)


def test_the_lists_are_the_same(direct: Run, elsewhere: Run) -> None:
    found = records(artifact(elsewhere, "ListExampleGen/examples/*"))
    assert found == records(artifact(direct, "ListExampleGen/examples/*"))
    assert sum(map(len, found.values())) == SIMULATED.lists
    assert elsewhere.summary["counts"] == direct.summary["counts"]
    for run in (direct, elsewhere):
        assert not list((run.output / "pipeline").rglob(".temporary"))


@pytest.mark.parametrize("node", ["StatisticsGen", "RegionStatistics"])
def test_the_statistics_are_the_same(direct: Run, elsewhere: Run, node: str) -> None:
    files = {
        run: sorted((run.output / "pipeline" / node).rglob("FeatureStats.pb"))
        for run in (direct, elsewhere)
    }
    assert len(files[direct]) == len(files[elsewhere]) > 0
    for one, two in zip(files[direct], files[elsewhere], strict=True):
        expected, found = plain_statistics(one), plain_statistics(two)
        assert close(expected, found, 1e-4), (expected, found)


def plain_statistics(path: Path) -> dict[str, Any]:
    """What is counted exactly, by slice and feature: no sketches of quantiles."""
    return {
        f"{dataset.name}/{feature.path.step[0]}": {
            "lists": dataset.num_examples,
            "values": feature.num_stats.common_stats.tot_num_values
            or feature.string_stats.common_stats.tot_num_values,
            "mean": feature.num_stats.mean,
            "deviation": feature.num_stats.std_dev,
            "range": [feature.num_stats.min, feature.num_stats.max],
            "length": feature.string_stats.avg_length,
        }
        for dataset in tfdv.load_stats_binary(str(path)).datasets
        for feature in dataset.features
    }


def test_the_region_split_is_the_same(direct: Run, elsewhere: Run) -> None:
    assert close(direct.summary["region_split"], elsewhere.summary["region_split"], 1e-6)


def test_the_vocabularies_are_the_same(direct: Run, elsewhere: Run) -> None:
    pattern = "Transform/transform_graph/*/transform_fn/assets/*"
    found, expected = (
        {path.name: path.read_bytes() for path in (run.output / "pipeline").glob(pattern)}
        for run in (elsewhere, direct)
    )
    assert found == expected
    assert found


def test_the_metrics_are_the_same(direct: Run, elsewhere: Run) -> None:
    expected, found = (run.summary["metrics"]["slices"] for run in (direct, elsewhere))
    assert len(found) == len(expected) > 10
    assert close(expected, found, 1e-3)


def test_the_models_score_alike(direct: Run, elsewhere: Run, marketplace: Marketplace) -> None:
    logs = [str(marketplace.logs)]
    scores = [
        score_logs(artifact(run, "Trainer/model/*/Format-Serving"), None, logs)
        .rows["score"]
        .to_numpy()
        for run in (direct, elsewhere)
    ]
    np.testing.assert_allclose(scores[1], scores[0], atol=1e-4)
