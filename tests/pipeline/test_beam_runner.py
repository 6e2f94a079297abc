import shutil
import socket
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NoReturn

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import (
    GoogleCloudOptions,
    PipelineOptions,
    PortableOptions,
    WorkerOptions,
)
from apache_beam.options.pipeline_options_validator import PipelineOptionsValidator
from apache_beam.runners import create_runner

from data.errors import InputError
from data.local_beam import LocalRunner, local_pipeline
from pipeline import cli
from pipeline.beam_runner import beam_arguments

POOL = ["--environment_type=EXTERNAL", "--environment_config=localhost:50000"]
CLOUD = ["--project=my-project", "--region=europe-west1", "--temp_location=gs://bucket/scratch"]
ROOT = "gs://bucket/pipeline"
USABLE = {
    "direct": ["--direct_num_workers=1"],
    "flink": ["--flink_master=flink:8081", "--parallelism=8", *POOL],
    "spark": ["--spark_master_url=spark://master:7077", *POOL],
    "dataflow": [*CLOUD, "--sdk_container_image=registry/seqmd:1"],
    "portable": ["--job_endpoint=localhost:8099", *POOL],
}


@pytest.fixture(autouse=True)
def java(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")


@pytest.mark.parametrize("runner", USABLE)
def test_beam_accepts_the_flags(runner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # It would ask the bucket.
    monkeypatch.setattr(GoogleCloudOptions, "_warn_if_soft_delete_policy_enabled", lambda *_: None)
    flags = beam_arguments(runner, USABLE[runner], ROOT)
    assert flags[-len(USABLE[runner]) :] == USABLE[runner]
    options = PipelineOptions(flags)
    name = options.get_all_options()["runner"]
    expected = "data.local_beam.LocalRunner" if runner == "direct" else f"{runner}runner"
    assert name.lower() == expected.lower()
    made = create_runner(name)
    assert PipelineOptionsValidator(options, made).validate() == []


def test_workers_of_a_pool_get_no_package_and_an_image_is_kept() -> None:
    pool = PipelineOptions(beam_arguments("portable", USABLE["portable"]))
    assert pool.view_as(PortableOptions).environment_config == "localhost:50000"
    assert pool.view_as(WorkerOptions).sdk_container_image == "none"
    image = ["--job_endpoint=localhost:8099", "--sdk_container_image=registry/seqmd:1"]
    options = PipelineOptions(beam_arguments("portable", image))
    assert options.view_as(WorkerOptions).sdk_container_image == "registry/seqmd:1"


@pytest.mark.parametrize(
    ("runner", "given", "missing"),
    [
        ("flink", [], ["--flink_master=", "--environment_type=", "--sdk_container_image="]),
        ("flink", ["--flink_master=flink:8081"], ["--environment_type="]),
        ("spark", POOL, ["--spark_master_url="]),
        ("portable", POOL, ["--job_endpoint="]),
        ("dataflow", CLOUD[:1], ["--region=", "--temp_location=", "--setup_file="]),
    ],
)
def test_what_a_runner_needs_is_said_at_once(
    runner: str, given: list[str], missing: list[str]
) -> None:
    with pytest.raises(InputError) as error:
        beam_arguments(runner, given, ROOT)
    message = str(error.value)
    assert message.startswith(f"--beam-runner {runner}: expected in --beam-args --")
    assert all(flag in message for flag in missing)
    assert message.endswith(f"; found {' '.join(given) or 'none'}")


def test_a_local_engine_starts_its_own_workers() -> None:
    assert "--runner=FlinkRunner" in beam_arguments("flink", ["--flink_master=[local]"])
    assert "--runner=SparkRunner" in beam_arguments("spark", ["--spark_master_url=local[2]"])


def test_a_jar_must_be_there(tmp_path: Path) -> None:
    jar = f"--flink_job_server_jar={tmp_path / 'absent.jar'}"
    with pytest.raises(InputError, match=r"expected a file, found none at .*absent.jar"):
        beam_arguments("flink", ["--flink_master=[local]", jar])


def test_java_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(InputError, match="expected java"):
        beam_arguments("flink", ["--flink_master=[local]"])
    # An engine whose job server runs elsewhere needs none here.
    assert beam_arguments("flink", ["--job_endpoint=server:8099", *POOL])


def test_dataflow_needs_a_root_that_it_can_reach() -> None:
    with pytest.raises(InputError, match=r"--pipeline-root: expected gs://.* found /here"):
        beam_arguments("dataflow", USABLE["dataflow"], "/here")


def test_flags_that_name_a_runner_are_all_there_is() -> None:
    flags = ["--runner=PortableRunner", "--job_endpoint=localhost:8099"]
    assert beam_arguments(None, flags) == flags
    with pytest.raises(InputError, match="beside --beam-runner flink, found --runner"):
        beam_arguments("flink", flags)


@pytest.mark.parametrize("flags", ["--runner=DirectRunner", "--runner direct", "--runner=direct"])
def test_beams_own_direct_runner_is_never_asked(flags: str) -> None:
    further = ["--s3_endpoint_url=http://minio:9000", "--project=direct"]
    options = PipelineOptions(beam_arguments(None, [*further, *flags.split()]))
    assert isinstance(create_runner(options.get_all_options()["runner"]), LocalRunner)
    assert options.get_all_options()["project"] == "direct"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Hosts that this process looks up; none is ever found."""
    hosts: list[str] = []

    def look_up(host: str, *_: Any, **__: Any) -> NoReturn:
        hosts.append(host)
        raise socket.gaierror(f"{host} is not looked up in tests")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return hosts


def test_a_download_is_seen(asked: list[str]) -> None:
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen("https://releases.invalid/prism.zip")
    assert asked == ["releases.invalid"]


def test_beam_downloads_nothing(asked: list[str], tmp_path: Path) -> None:
    flags = PipelineOptions(beam_arguments(None, ()))
    for name, pipeline in (("run", beam.Pipeline(options=flags)), ("here", local_pipeline())):
        with pipeline:
            total = pipeline | beam.Create([1, 2, 4]) | beam.CombineGlobally(sum)
            _ = total | beam.io.WriteToText(str(tmp_path / name), shard_name_template="")
        assert (tmp_path / name).read_text() == "7\n"
    assert asked == []


def test_nothing_is_written_where_a_flag_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    output = tmp_path / "out"
    assert cli.main(["run", "--beam-runner", "portable", "--output", str(output)]) == 1
    assert "--job_endpoint=HOST:PORT" in capsys.readouterr().err
    assert not output.exists()


@pytest.mark.parametrize("option", ["--beam-args", "--beam_pipeline_args"])
def test_further_flags_are_one_string(option: str) -> None:
    words = ["run", "--beam-runner", "flink", f"{option}=--flink_master=[local] --parallelism=2"]
    options = cli.parser().parse_args(words)
    assert options.beam_runner == "flink"
    assert options.beam_args == "--flink_master=[local] --parallelism=2"
