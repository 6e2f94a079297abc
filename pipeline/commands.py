"""The commands of `seqmd` and their options."""

import argparse
from collections.abc import Callable

from pipeline.command_options import add_engine, add_input, add_run_options, path

Commands = argparse._SubParsersAction


def add_commands(commands: Commands) -> None:
    """Adds every command with its options.

    Args:
        commands: of the command line's parser.
    """
    _add_run(commands)
    _add_add_task(commands)
    _add_kubeflow(commands)
    _add_train_worker(commands)
    _add_report(commands)
    _add_score(commands)
    _add_rollback(commands)
    _add_init(commands)
    _add_simulate(commands)


def _add_run(commands: Commands) -> None:
    run = commands.add_parser("run", help="train, evaluate and push a ranker")
    run.set_defaults(command=_imported("pipeline.run", "run_command"))
    run.add_argument(
        "--dataset",
        type=path,
        default="simulated",
        metavar="NAME|FILE",
        help="a name of the catalog (simulated, expedia, google_store, aliexpress, ali_ccp) or "
        "a YAML file (default: %(default)s)",
    )
    add_input(run, required=False)
    add_run_options(run)
    add_engine(run)
    run.add_argument(
        "--output", type=path, metavar="DIR", help="output folder (default: output/DATASET)"
    )
    run.add_argument(
        "--warm-start",
        type=path,
        metavar="DIR",
        help="a pushed model whose weights training starts from",
    )


def _add_add_task(commands: Commands) -> None:
    add = commands.add_parser("add-task", help="a pushed model with one task more")
    add.set_defaults(command=_imported("pipeline.add_task", "add_task_command"))
    add.add_argument(
        "--model", type=path, required=True, metavar="DIR", help="a pushed model's folder"
    )
    add.add_argument("--task", required=True, metavar="NAME", help="name of the new task")
    add.add_argument("--grade", required=True, type=int, help="grade of its action")
    add.add_argument("--column", metavar="NAME", help="its column (default: the task's name)")
    add.add_argument("--place", type=int, metavar="N", help="among the tasks (default: the last)")
    add.add_argument(
        "--epochs", type=int, default=0, help="epochs to train on (default: %(default)s)"
    )
    add.add_argument(
        "--dataset",
        type=path,
        metavar="NAME|FILE",
        help="definition without the task (default: the one that travels with the model)",
    )
    add_input(add, required=True)
    add_run_options(add)
    add_engine(add)
    add.add_argument(
        "--output", type=path, metavar="DIR", help="output folder (default: output/DATASET-NAME)"
    )


def _add_train_worker(commands: Commands) -> None:
    worker = commands.add_parser(
        "train-worker", help="a further process of a run's training, as TF_CONFIG names it"
    )
    worker.set_defaults(command=_imported("pipeline.train_worker", "train_worker_command"))


def _add_kubeflow(commands: Commands) -> None:
    kubeflow = commands.add_parser("kubeflow", help="write a package for Kubeflow Pipelines 2")
    kubeflow.set_defaults(command=_imported("pipeline.kubeflow", "kubeflow_command"))
    kubeflow.add_argument(
        "--dataset",
        type=path,
        required=True,
        metavar="NAME|FILE",
        help="a name of the catalog or a YAML file",
    )
    kubeflow.add_argument("--image", required=True, help="container image of all nodes")
    kubeflow.add_argument(
        "--output", type=path, default="pipeline.yaml", metavar="FILE", help="default: %(default)s"
    )
    kubeflow.add_argument(
        "--settings", type=path, metavar="FILE", help="what the nodes get of the cluster"
    )
    kubeflow.add_argument(
        "--root", metavar="DIR", help="output folder that all nodes reach: a path, gs://, s3://"
    )
    kubeflow.add_argument(
        "--metadata", metavar="ADDRESS", help="ML Metadata (default: the cluster's own service)"
    )
    add_input(kubeflow, required=False, read_path=str)
    add_run_options(kubeflow, read_path=str)
    kubeflow.add_argument("--warm-start", metavar="DIR", help="a pushed model to start from")
    kubeflow.add_argument("--submit", metavar="HOST", help="start a run there as well")
    kubeflow.add_argument(
        "--experiment", default="seqmd", help="experiment of that run (default: %(default)s)"
    )
    kubeflow.add_argument(
        "--namespace", default="kubeflow", help="namespace of that run (default: %(default)s)"
    )


def _add_report(commands: Commands) -> None:
    report = commands.add_parser(
        "report", help="write the page of a run again, or one that compares two runs"
    )
    report.set_defaults(command=_imported("pipeline.report.command", "report_command"))
    report.add_argument(
        "run",
        nargs="?",
        type=path,
        metavar="RUN",
        help="output folder of a run (its latest), or a report's .json, as DIR/reports holds them",
    )
    report.add_argument(
        "--compare",
        nargs=2,
        type=path,
        metavar="RUN",
        help="set two runs side by side, the older one first",
    )
    report.add_argument(
        "--output",
        type=path,
        metavar="FILE",
        help="the page (default: beside RUN's report; comparison.html for --compare)",
    )


def _add_score(commands: Commands) -> None:
    score = commands.add_parser("score", help="score logs with a pushed model")
    score.set_defaults(command=_imported("pipeline.score", "score_command"))
    score.add_argument(
        "--model", type=path, required=True, metavar="DIR", help="a pushed model's folder"
    )
    score.add_argument(
        "--dataset",
        type=path,
        metavar="NAME|FILE",
        help="how to read the logs (default: the definition that travels with the model)",
    )
    add_input(score, required=True)
    score.add_argument(
        "--output", type=path, required=True, metavar="FILE", help=".csv or .parquet"
    )


def _add_rollback(commands: Commands) -> None:
    rollback = commands.add_parser("rollback", help="serve a former version of a pushed model")
    rollback.set_defaults(command=_imported("pipeline.rollback", "rollback_command"))
    rollback.add_argument(
        "--model", type=path, required=True, metavar="DIR", help="a pushed model's folder"
    )
    rollback.add_argument(
        "--to", type=_version, metavar="VERSION", help="default: the one before the served one"
    )


def _add_init(commands: Commands) -> None:
    init = commands.add_parser("init", help="write a first YAML for logs of your own")
    init.set_defaults(command=_imported("pipeline.init", "init_command"))
    add_input(init, required=True)
    init.add_argument(
        "--output", type=path, default="dataset.yaml", metavar="FILE", help="default: %(default)s"
    )


def _add_simulate(commands: Commands) -> None:
    simulate = commands.add_parser("simulate", help="write logs of the simulated marketplace")
    simulate.set_defaults(command=_imported("pipeline.simulate", "simulate_command"))
    simulate.add_argument("--output", type=path, required=True, metavar="DIR")
    sizes = {
        "lists": "search result pages, over 17 days (default: 12000)",
        "seed": "seed of every draw (default: 1)",
        "tasks": "the first 1, 2 or 3 of click, add_to_cart and purchase (default: 3)",
        "item-features": "item features; those beyond the marketplace's own are noise",
        "context-features": "context features, likewise",
        "longest-list": "items of the longest list (default: 40)",
    }
    for size, meaning in sizes.items():
        simulate.add_argument(f"--{size}", type=int, metavar="N", help=meaning)
    without = {
        "regional-shifts": "features are distributed alike in all regions",
        "regional-tastes": "the same listings are wanted in all regions",
        "position-bias": "items further down are examined as often as the first",
        "false-clicks": "nothing is clicked by accident",
    }
    for effect, meaning in without.items():
        simulate.add_argument(f"--no-{effect}", action="store_true", help=meaning)


def _version(text: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"expected the number of a version, found {text!r}")
    return int(text)


def _imported(module: str, function: str) -> Callable[[argparse.Namespace], int]:
    """The command's function, imported when it is called: TensorFlow takes seconds."""

    def command(options: argparse.Namespace) -> int:
        from importlib import import_module

        return getattr(import_module(module), function)(options)

    return command
