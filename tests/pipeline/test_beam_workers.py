"""Beam's worker processes are real ones here; they know nothing of this module."""

import signal
import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any

import apache_beam as beam
import grpc
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.transforms.environments import SubprocessSDKEnvironment

from data.local_beam import LocalRunner
from pipeline.beam_workers import BeamWorkerError, watched_beam_workers

FLAGS = ("--direct_running_mode=multi_processing", "--direct_num_workers=1")


def work(value: Any, function: Callable, **pipeline_options: Any) -> None:
    pipeline_options.setdefault("runner", LocalRunner())
    with watched_beam_workers(), beam.Pipeline(**pipeline_options) as pipeline:
        _ = pipeline | beam.Create([value]) | beam.Map(function)


def test_a_pipeline_whose_worker_is_killed_fails() -> None:
    with pytest.raises(BeamWorkerError, match="run the same command again to go on"):
        work(int(signal.SIGKILL), signal.raise_signal, options=PipelineOptions(FLAGS))


def test_a_pipeline_whose_worker_does_not_start_fails() -> None:
    runner = FnApiRunner(SubprocessSDKEnvironment.from_command_string("exit 3"))
    with pytest.raises(BeamWorkerError):
        work("1", int, runner=runner)


class SilentService(grpc.GenericRpcHandler):
    """A server that does not answer before it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        return grpc.unary_unary_rpc_method_handler(lambda request, context: self.let_go.wait())


def test_a_job_service_that_does_not_end_is_told_in_words() -> None:
    service = SilentService()
    server = grpc.server(futures.ThreadPoolExecutor(1), [service])
    port = server.add_insecure_port("localhost:0")
    server.start()
    late = pytest.raises(BeamWorkerError, match="--beam-args needs --job_server_timeout=SECONDS")
    with late, watched_beam_workers(), grpc.insecure_channel(f"localhost:{port}") as channel:
        channel.unary_unary("/job/State")(b"", timeout=0.1)
    service.let_go.set()
    server.stop(None)


def test_a_fault_of_the_work_is_told_as_it_is() -> None:
    with pytest.raises(RuntimeError, match=r"invalid literal for int.*'one'") as error:
        work("one", int, options=PipelineOptions(FLAGS))
    assert not isinstance(error.value, BeamWorkerError)
