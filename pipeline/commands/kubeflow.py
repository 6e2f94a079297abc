"""Writes the pipeline as a package for Kubeflow Pipelines 2, and starts a run there if asked.

Options that a run takes become defaults that each run there can change. Paths of logs, --root and
--warm-start are those that the nodes' containers see.
"""

import argparse
import re
import shlex
from pathlib import Path

from data.errors import InputError
from data.files import write_whole
from data.loading import catalog_names, load_definition
from pipeline.commands.options import add_input, add_run_options, path
from pipeline.config import RunConfig, load_config
from pipeline.failures import told_in, writing
from pipeline.kubeflow.package import GraphNode, Package
from pipeline.kubeflow.parameters import PARAMETERS, check_listings, check_pod_values
from pipeline.kubeflow.settings import load_settings
from pipeline.kubeflow.submit import submit
from pipeline.output_capture import output_to, prepare_tensorflow

# Bytes of a definition. The backend keeps it for each node several times in one object of about a
# megabyte.
_LONGEST = 30_000
# No run is started: the graph does not depend on where the logs are.
_NOWHERE = "/nowhere"


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `seqmd kubeflow`."""
    command.add_argument(
        "--dataset",
        type=path,
        required=True,
        metavar="NAME|FILE",
        help="a name of the catalog or a YAML file",
    )
    command.add_argument(
        "--image", required=True, metavar="NAME", help="container image of all nodes"
    )
    command.add_argument(
        "--output",
        type=path,
        default="pipeline.yaml",
        metavar="FILE",
        help="the package (default: %(default)s)",
    )
    command.add_argument(
        "--settings", type=path, metavar="FILE", help="what the nodes get of the cluster"
    )
    command.add_argument(
        "--root", metavar="DIR", help="output folder that all nodes reach: a path, gs://, s3://"
    )
    command.add_argument(
        "--metadata", metavar="ADDRESS", help="ML Metadata (default: the cluster's own service)"
    )
    add_input(command, required=False, read_path=str)
    add_run_options(command, read_path=str)
    command.add_argument("--warm-start", metavar="DIR", help="a pushed model to start from")
    command.add_argument("--submit", metavar="HOST", help="start a run there as well")
    command.add_argument(
        "--experiment",
        metavar="NAME",
        default="seqmd",
        help="experiment of that run (default: %(default)s)",
    )
    command.add_argument(
        "--namespace",
        metavar="NAME",
        default="kubeflow",
        help="namespace of that run (default: %(default)s)",
    )


def run(options: argparse.Namespace) -> int:
    """Writes the package, and submits it where a host is named.

    Args:
        options: the command line of `seqmd kubeflow`.

    Returns:
        0; with `--submit`, what the client of Kubeflow Pipelines returned.

    Raises:
        InputError: if the definition, the settings or an option are not as expected.
    """
    prepare_tensorflow()
    output = Path(options.output)
    if not output.parent.is_dir():
        raise InputError(f"--output: expected an existing folder, found none at {output.parent}")
    config = load_config(options.dataset, options.seed)
    check_listings(load_definition(options.dataset).get("listings"))
    values = _values(options)
    check_pod_values(values)
    if options.submit:
        _check_complete(values)
    nodes = _quiet_graph(config, output, bool(options.serving_logs))
    names = [node.name for node in nodes]
    settings = load_settings(options.settings, names)
    package = Package(
        name=f"seqmd-{_slug(config.dataset.name)}",
        description=config.dataset.description or f"seqmd on {config.dataset.name}",
        image=options.image,
        nodes=nodes,
        values=values,
        settings=settings,
    )
    with writing("--output", output):
        write_whole(output, package.to_yaml())
    print(f"Wrote {output}: {len(nodes)} nodes on {options.image}.")
    alone = settings.without_volume(options.root, names) if options.root else []
    if alone:
        where = "any node" if alone == names else ", ".join(alone)
        print(
            f"Mind: {options.root} lies on no volume of {where}, so what is written there goes "
            f"with the pod. --settings gives nodes their volumes."
        )
    if (options.metadata or "").startswith("/"):
        print(
            f"Mind: {options.metadata} is one SQLite file for all nodes: a volume that they share, "
            f"and one machine, whose locks keep nodes that run side by side apart."
        )
    if options.submit:
        return submit(output, options.submit, options.experiment, options.namespace)
    return 0


def _quiet_graph(config: RunConfig, output: Path, with_serving_logs: bool) -> list[GraphNode]:
    """The graph, without what the libraries have to say while they load."""
    log = output.with_name(f"{output.name}.log")
    with output_to(log), told_in(log):
        nodes = graph(config, with_serving_logs)
    log.unlink()
    return nodes


def graph(config: RunConfig, with_serving_logs: bool = False) -> list[GraphNode]:
    """The nodes of the pipeline and what they wait for, as TFX compiles it.

    Args:
        config: the configuration.
        with_serving_logs: whether runs compare the training logs with serving logs.

    Returns:
        The nodes in an order in which they can run.
    """
    from pipeline.locations import Folders, Inputs
    from pipeline.metadata_address import metadata_connection
    from pipeline.node_launcher import compile_run
    from pipeline.pipeline import create_pipeline

    pipeline = create_pipeline(
        config,
        Inputs(logs=(_NOWHERE,), serving_logs=(_NOWHERE,) * with_serving_logs),
        Folders(_NOWHERE),
        (),
        metadata_connection("grpc://nowhere:1"),
        input_fingerprint="",
    )
    nodes = (one.pipeline_node for one in compile_run(pipeline, "graph").nodes)
    return [GraphNode(node.node_info.id, tuple(node.upstream_nodes)) for node in nodes]


def _values(options: argparse.Namespace) -> dict[str, str]:
    """Defaults of the parameters by name, as far as the command line has them."""
    given = {
        "root": options.root,
        "dataset": _dataset(options.dataset),
        "input": shlex.join(options.input),
        "eval_input": shlex.join(options.eval_input),
        "serving_logs": shlex.join(options.serving_logs),
        "from_date": options.start and options.start.isoformat(),
        "to_date": options.end and options.end.isoformat(),
        "schema": options.schema,
        "warm_start": options.warm_start,
        "seed": None if options.seed is None else str(options.seed),
        "beam_pipeline_args": options.beam_args,
        "metadata": options.metadata,
        "cache": "false" if options.no_cache else None,
    }
    values = {name: value for name, value in given.items() if value}
    for name, value in values.items():
        if "{{" in value:
            raise InputError(
                f"{name}: expected no '{{{{', since Kubeflow Pipelines would replace it; found one"
            )
    return values


def _dataset(name_or_path: str) -> str:
    """A name of the catalog, which the image has as well, or the text of a file."""
    if name_or_path in catalog_names():
        return name_or_path
    text = Path(name_or_path).expanduser().read_text(encoding="utf-8").rstrip() + "\n"
    if "\n" not in text.rstrip():
        raise InputError(f"--dataset: {name_or_path}: expected fields on lines of their own")
    if len(text.encode()) > _LONGEST:
        raise InputError(
            f"--dataset: {name_or_path}: expected at most {_LONGEST:,} bytes, found "
            f"{len(text.encode()):,}; put it where the pods reach it, write the package for a name "
            f"of the catalog and give each run the file's path or URI as `dataset`"
        )
    return text


def _check_complete(values: dict[str, str]) -> None:
    missing = [
        parameter.name
        for parameter in PARAMETERS
        if parameter.default is None and parameter.name not in values
    ]
    if missing:
        options = " and ".join(f"--{name}" for name in missing)
        raise InputError(f"--submit: expected {options} as well, found none")


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
