"""TFX's Pusher, with versions that appear whole."""

from tfx.components.pusher import component
from tfx.dsl.components.base import executor_spec

from components.pusher.executor import Executor


class Pusher(component.Pusher):
    """Pushes a blessed model into a folder of versions; see `components.pusher.versions`."""

    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)
