"""Flags of Beam's runners: `--beam-runner`, and what each runner needs in `--beam-args`."""

import shlex
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from data.errors import InputError

RUNNERS = ("direct", "flink", "spark", "dataflow", "portable")

# No image is ever started. Without the flag TFX packs itself for workers, 1.5 s for every node.
_NOTHING_TO_PACK = "--sdk_container_image=none"
# Arrow and the engines' own memory want it from Java 16 on.
_JAVA = "--job_server_jvm_properties=--add-opens=java.base/java.nio=ALL-UNNAMED"

# By its whole name: Beam imports it, and `--help` does without Beam.
LOCAL_RUNNER = "data.local_beam.LocalRunner"
_BEAMS_OWN = ("direct", "directrunner")
_OURS = {
    "direct": (f"--runner={LOCAL_RUNNER}", "--direct_running_mode=in_memory"),
    "flink": ("--runner=FlinkRunner", _JAVA),
    "spark": ("--runner=SparkRunner", "--spark_version=3", _JAVA),
    "dataflow": ("--runner=DataflowRunner", "--experiments=use_runner_v2"),
    "portable": ("--runner=PortableRunner",),
}
# One flag of each group is needed; its first entry is what the message shows.
_WORKERS = (
    "--environment_type=EXTERNAL --environment_config=HOST:PORT or --sdk_container_image=IMAGE",
    "environment_type",
    "sdk_container_image",
)
_NEEDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "direct": (),
    "flink": (("--flink_master=HOST:PORT or [local]", "flink_master", "job_endpoint"), _WORKERS),
    "spark": (
        ("--spark_master_url=spark://HOST:PORT or local", "spark_master_url", "job_endpoint"),
        _WORKERS,
    ),
    "dataflow": (
        ("--project=ID", "project"),
        ("--region=NAME", "region"),
        ("--temp_location=gs://BUCKET/FOLDER", "temp_location"),
        (
            "--sdk_container_image=IMAGE or --setup_file=setup.py",
            "sdk_container_image",
            "setup_file",
        ),
    ),
    "portable": (("--job_endpoint=HOST:PORT", "job_endpoint"), _WORKERS),
}
# With these, Beam starts the engine and the workers itself, on this machine.
_LOCAL = ("--flink_master=[local]", "--spark_master_url=local")
# Flags that bring our code to the workers.
_PACKED = {"sdk_container_image", "setup_file", "extra_package", "requirements_file"}


def split_flags(text: str, option: str) -> list[str]:
    """The words of one string, as a shell has them.

    Args:
        text: the string.
        option: where it was given, for the message.

    Returns:
        The words.

    Raises:
        InputError: a quote is left open.
    """
    try:
        return shlex.split(text)
    except ValueError as error:
        raise InputError(
            f"{option}: expected words as in a shell, found {text!r}: {error}"
        ) from None


def beam_arguments(runner: str | None, further: Sequence[str], root: str = "") -> list[str]:
    """The flags of the Beam pipelines.

    Args:
        runner: one of `RUNNERS`; None is `direct`, unless `further` names a runner: then
            `further` is all there is, with our local runner in place of Beam's `DirectRunner`.
        further: the user's flags; they win over ours.
        root: folder of the pipeline's artifacts.

    Returns:
        The flags.

    Raises:
        InputError: a flag that the runner needs is missing, or a file or program that it starts.
    """
    given = _names(further)
    if "runner" in given:
        if runner is not None:
            raise InputError(
                f"--beam-args: expected flags beside --beam-runner {runner}, found --runner"
            )
        return _with_local_runner(further)
    runner = runner or "direct"
    _check_needed(runner, further)
    _check_started(runner, further)
    if runner == "dataflow" and not root.startswith("gs://"):
        raise InputError(
            "--pipeline-root: expected gs://BUCKET/FOLDER, which Dataflow's workers can reach; "
            f"found {root or 'none'}"
        )
    ours = list(_OURS[runner])
    if not given & _PACKED and "--environment_type=DOCKER" not in further:
        ours.append(_NOTHING_TO_PACK)
    return [*ours, *further]


def _with_local_runner(flags: Sequence[str]) -> list[str]:
    """The flags, with Beam's `DirectRunner` replaced (`--runner=NAME` or `--runner NAME`)."""
    named = []
    for before, flag in zip(("", *flags), flags, strict=False):
        name, equals, value = flag.rpartition("=")
        direct = value.lower() in _BEAMS_OWN and (name or before) == "--runner"
        named.append(f"{name}{equals}{LOCAL_RUNNER}" if direct else flag)
    return named


def _check_needed(runner: str, further: Sequence[str]) -> None:
    given = _names(further)
    if any(flag.startswith(_LOCAL) for flag in further):
        given = {*given, "environment_type"}
    missing = [shown for shown, *names in _NEEDED[runner] if not given & set(names)]
    if missing:
        found = " ".join(further) or "none"
        raise InputError(
            f"--beam-runner {runner}: expected in --beam-args {'; '.join(missing)}; found {found}"
        )


def _check_started(runner: str, further: Sequence[str]) -> None:
    """Checks that Java and the job server's jar are there, where Beam starts them."""
    if runner not in ("flink", "spark") or "job_endpoint" in _names(further):
        return
    for flag in further:
        name, _, value = flag.partition("=")
        if name.endswith("_job_server_jar") and "://" not in value and not Path(value).is_file():
            raise InputError(f"{name}: expected a file, found none at {value}")
    if shutil.which("java") is None:
        raise InputError(f"--beam-runner {runner}: expected java on the PATH, found none")


def _names(flags: Iterable[str]) -> set[str]:
    return {flag[2:].partition("=")[0] for flag in flags if flag.startswith("--")}
