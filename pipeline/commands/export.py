"""Writes a pushed ranker as ONNX, for engines that run such models.

The folder holds ranker.onnx, network and transform graph; inputs.json, which names inputs and
answers; and, of features that are taken as ids, their vocabularies. Answers of both models are
compared before it is written.
"""

import argparse
from importlib.util import find_spec
from pathlib import Path

from data.artifacts.model_folder import newest_version
from data.errors import InputError
from pipeline.commands.options import path
from pipeline.failures import writing
from pipeline.output_capture import log_for_errors, new_log, prepare_tensorflow

_PACKAGES = ("onnx", "onnxruntime", "tf2onnx")


def add_options(command: argparse.ArgumentParser) -> None:
    """Adds the options of `seqmd export`."""
    command.add_argument(
        "--model", type=path, required=True, metavar="DIR", help="a pushed model's folder"
    )
    command.add_argument(
        "--onnx", type=path, required=True, metavar="DIR", help="a new folder for the ONNX model"
    )
    command.add_argument(
        "--ids",
        action="store_true",
        help="take all categorical features as ids of their vocabularies instead of texts"
        " (default: those whose unknown values share several buckets)",
    )


def run(options: argparse.Namespace) -> int:
    """Converts the newest version.

    Args:
        options: the command line of `seqmd export`.

    Returns:
        0.

    Raises:
        InputError: packages are missing, there is no such model, the folder exists, or ONNX has
            no form for the model.
    """
    if missing := [name for name in _PACKAGES if find_spec(name) is None]:
        raise InputError(
            f"--onnx: expected the packages {', '.join(_PACKAGES)}, found no"
            f" {', '.join(missing)}; install them with: pip install '.[onnx]'"
        )
    prepare_tensorflow()
    folder = Path(options.onnx)
    if folder.exists():
        raise InputError(f"--onnx: expected a folder that is not there yet, found {folder}")
    model = newest_version(Path(options.model))
    with log_for_errors(new_log(folder, "--onnx")):
        from models.onnx_export.export import export_onnx

        with writing("--onnx", folder):
            done = export_onnx(model, folder, options.ids)
    print(f"Wrote {model} as ONNX to {done.folder}; answers differ by {done.apart:.1e} at most.")
    if done.by_id:
        print(f"Taken as ids of their vocabularies: {', '.join(done.by_id)}")
    return 0
