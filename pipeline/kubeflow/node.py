"""`python -m pipeline.kubeflow.node NODE ...`: runs one node, in a container."""

import argparse
import logging
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from importlib import import_module

from data.errors import InputError
from data.similar_names import did_you_mean
from models.training.cluster import Cluster
from pipeline.cli import EXIT_ERROR, CommandParser
from pipeline.failures import input_fault
from pipeline.kubeflow.parameters import PARAMETERS, RUN_ID
from pipeline.output_capture import prepare_tensorflow, quiet_libraries

_S3 = "s3://"
# TensorFlow by itself knows `gs://` and disks only; logs are read by PyArrow, which knows S3.
_READ_BY_TENSORFLOW = ("root", "schema", "warm_start")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a node.

    Args:
        arguments: the words after the module's name; those of the process by default.

    Returns:
        0 when the node completed, was answered from the cache or had succeeded in this run
        before; 1 otherwise.
    """
    options = vars(_parser().parse_args(arguments))
    node = options.pop("node")
    prepare_tensorflow()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, force=True)
    quiet_libraries()
    try:
        print(_run(node, options))
    except Exception as error:
        fault = input_fault(error)
        if fault is None:
            traceback.print_exc()
        message = str(fault) if fault else f"{type(error).__name__}: {error}"
        print(f"seqmd: {node}: {message}", file=sys.stderr)
        return EXIT_ERROR
    return 0


def _checked_run_id(run_id: str) -> str:
    if run_id.startswith("{{"):
        raise InputError(
            f"{RUN_ID.option}: expected the id of the run, found {run_id!r}: "
            f"Kubeflow Pipelines fills it in from backend 2.5 on"
        )
    # TFX names a folder after it.
    if not run_id or run_id in (".", "..") or "/" in run_id or "\\" in run_id:
        raise InputError(f"{RUN_ID.option}: expected a name without slashes, found {run_id!r}")
    return run_id


def _parser() -> argparse.ArgumentParser:
    parser = CommandParser(prog="python -m pipeline.kubeflow.node", description=__doc__)
    parser.add_argument("node", metavar="NODE", help="id of the node, such as Trainer")
    for parameter in (RUN_ID, *PARAMETERS):
        parser.add_argument(
            parameter.option,
            metavar="VALUE",
            required=parameter.default is None,
            default=parameter.default,
            help=f"{parameter.meaning} (default: %(default)s)",
        )
    return parser


def _run(name: str, values: Mapping[str, str]) -> str:
    """Runs the node; returns a line that says how it ended."""
    run_id = _checked_run_id(values[RUN_ID.name])
    prepare_object_storage(values)
    if name == "Trainer":
        Cluster.of_chief()
        from models.training.workers import Workers

        # TensorFlow wants to know of other workers before it does anything else.
        Workers.of_environment()
    import ml_metadata as mlmd

    from pipeline.artifact_store import forget_lost_artifacts
    from pipeline.kubeflow.node_pipeline import pipeline_of
    from pipeline.metadata_address import reach_metadata
    from pipeline.node_launcher import compile_run, launch_node
    from pipeline.pushed_version import restore_push

    pipeline = pipeline_of(values, name)
    connection = pipeline.metadata_connection_config
    reach_metadata(connection)
    forget_lost_artifacts(mlmd.MetadataStore(connection), pipeline.pipeline_info.pipeline_name)
    compiled = compile_run(pipeline, run_id)
    nodes = {one.pipeline_node.node_info.id: one.pipeline_node for one in compiled.nodes}
    if name not in nodes:
        raise InputError(
            f"expected a node among {', '.join(sorted(nodes))}, "
            f"found {name!r}{did_you_mean(name, nodes)}"
        )
    result = launch_node(compiled, nodes[name], connection)
    if "pushed_model" in result.outputs:
        restore_push(result)
    took = "cached" if result.cached else f"{result.seconds:.1f} s"
    outputs = "".join(f"\n  {key}: {output.uri}" for key, output in result.outputs.items())
    return f"seqmd: {name}: {took}{outputs}"


def prepare_object_storage(values: Mapping[str, str]) -> None:
    """Loads TensorFlow's file system for S3 where a value names a place there.

    Args:
        values: parameters of a run by name.

    Raises:
        InputError: if the package that brings it is not installed.
    """
    named = [name for name in _READ_BY_TENSORFLOW if values[name].strip().startswith(_S3)]
    if not named:
        return
    try:
        import_module("tensorflow_io")
    except ModuleNotFoundError as error:
        raise InputError(
            f"{named[0]}: {_S3} needs the package {error.name}, which this image lacks; "
            f"docs/deploying.md says on which lane an image can have it"
        ) from None


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # An orderly exit can wait for ever for the threads of an S3 client.
    os._exit(code)
