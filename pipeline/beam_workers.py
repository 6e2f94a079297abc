"""Clear errors where a worker process of Beam dies.

Of those that `--direct_running_mode=multi_processing` starts on this machine, Beam waits for ever
for the answer of a dead one, or says that a channel closed. Its portable job service does the same
in a process of its own, and any work of that one is given up after a minute (seen with 2.60).
"""

import contextlib
import logging
import threading
from collections.abc import Iterator

import grpc
from apache_beam.portability import python_urns
from apache_beam.portability.api import beam_fn_api_pb2
from apache_beam.runners.portability import local_job_service
from apache_beam.runners.portability.fn_api_runner.worker_handlers import (
    SubprocessSdkWorkerHandler,
    WorkerHandler,
)

_LOGGER = logging.getLogger("seqmd.nodes")
# Seconds between two looks for what is still asked of a dead worker.
_PAUSE = 0.2

DIED = (
    "a worker process of Beam ended before its work was done: it was killed, as the system does "
    "when memory runs out, or could not start; run the same command again to go on"
)
LATE = (
    "Beam's job service did not end the work within the seconds of --job_server_timeout, 60 by "
    "default: a worker died or did not start, and what the workers printed says why; or the work "
    "takes longer, and --beam-args needs --job_server_timeout=SECONDS. Then run the same command "
    "again to go on"
)


class BeamWorkerError(RuntimeError):
    """A worker process has died."""


@contextlib.contextmanager
def watched_beam_workers() -> Iterator[None]:
    """Within it, a Beam pipeline whose worker process dies fails at once.

    Raises:
        BeamWorkerError: a worker process died, here or behind a job service.
    """
    _WatchedWorker.dead = 0
    WorkerHandler.register_environment(python_urns.SUBPROCESS_SDK, bytes)(_WatchedWorker)
    try:
        yield
    except Exception as error:
        if _WatchedWorker.dead:
            raise BeamWorkerError(DIED) from error
        # Not every RpcError has a code.
        if isinstance(error, grpc.Call) and error.code() == grpc.StatusCode.DEADLINE_EXCEEDED:
            raise BeamWorkerError(LATE) from error
        raise


class _WatchedWorker(SubprocessSdkWorkerHandler):
    """A worker process; when it has died, each request to it is answered with an error."""

    dead = 0

    def start_worker(self) -> None:
        self._closing = threading.Event()
        self.worker = local_job_service.SubprocessSdkWorker(
            self._worker_command_line, self.control_address, self.provision_info, self.worker_id
        )
        self.worker_thread = threading.Thread(name="run_worker", target=self._work)
        self.worker_thread.start()

    def close(self) -> None:
        self._closing.set()
        super().close()

    def _work(self) -> None:
        try:
            self.worker.run()
            died = not self._closing.is_set()
        except RuntimeError as error:
            _LOGGER.warning("%s: %s", self.worker_id, error)
            died = True
        _WatchedWorker.dead += died
        while not self._closing.wait(_PAUSE):
            for name, future in tuple(self.control_conn._futures_by_id.items()):
                if not future.is_done():
                    answer = beam_fn_api_pb2.InstructionResponse(
                        instruction_id=name, error=f"{self.worker_id} died"
                    )
                    future.set(answer)
