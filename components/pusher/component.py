"""TFX's Pusher, with versions that appear whole."""

from typing import Any

from tfx import types
from tfx.components.pusher import component, executor
from tfx.dsl.components.base import executor_spec
from tfx.proto import pusher_pb2
from tfx.types import artifact_utils
from tfx.utils import io_utils, proto_utils

from components.pusher.versions import push

Artifacts = dict[str, list[types.Artifact]]


class Executor(executor.Executor):
    """Pushes a model that was blessed."""

    def Do(  # noqa: N802 - TFX's name
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        """Pushes the model, or says that it was not pushed.

        TFX's own writes into the version's folder itself, so that a server sees it grow and a
        killed run leaves a part of a model under a version's number; and it leaves out a model
        that comes in the second of another push.

        Args:
            input_dict: `model` and `model_blessing`.
            output_dict: `pushed_model` gets a copy of the model, and where it was pushed to.
            exec_properties: `push_destination` as JSON: a folder of versions.
        """
        self._log_startup(input_dict, output_dict, exec_properties)
        pushed = artifact_utils.get_single_instance(output_dict["pushed_model"])
        if not self.CheckBlessing(input_dict):
            self._MarkNotPushed(pushed)
            return
        model = self.GetModelPath(input_dict)
        io_utils.copy_dir(model, pushed.uri)
        folder = _destination(exec_properties["push_destination"])
        version = push(model, folder)
        self._MarkPushed(pushed, f"{folder}/{version}", str(version))


def _destination(text: str) -> str:
    destination = pusher_pb2.PushDestination()
    proto_utils.json_to_proto(text, destination)
    return destination.filesystem.base_directory.rstrip("/")


class Pusher(component.Pusher):
    """Pushes a blessed model into a folder of versions; see `components.pusher.versions`."""

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)
