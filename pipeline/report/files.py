"""Where report.json and report.html are, and reading and writing them."""

import contextlib
import json
from pathlib import Path
from typing import Any

from data.errors import InputError
from data.files import write_whole

VERSION = 1
REPORT, PAGE = "report.json", "report.html"
# What the report of every run has, also of one that failed at once.
PARTS = {"run", "dataset", "tasks", "config", "seed", "components", "versions", "lineage"}
# Every run of an output folder leaves its report here, so that runs can be compared.
EARLIER = "reports"


def save_content(content: dict[str, Any], output: Path, name: str) -> Path:
    """Writes the content of a run's report, as the latest and among the earlier ones.

    Args:
        content: see `pipeline.report.content`.
        output: the output folder.
        name: of the run among the earlier ones.

    Returns:
        The file with the latest report.
    """
    text = json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n"
    write_whole(output / EARLIER / f"{name}.json", text)
    write_whole(output / REPORT, text)
    return output / REPORT


def report_file(run: str) -> Path:
    """The report.json that the name of a run stands for.

    Args:
        run: an output folder, or a report's file.

    Returns:
        The file.

    Raises:
        InputError: there is none.
    """
    with contextlib.suppress(OSError, ValueError):  # A name too long for a file, or a null byte.
        path = Path(run)
        file = path / REPORT if path.is_dir() else path
        if file.is_file():
            return file
    raise InputError(
        f"{run:.200}: expected the output folder of a run with {REPORT}, or such a file; found none"
    )


def load_content(path: Path) -> dict[str, Any]:
    """Reads the content of a report.

    Args:
        path: the file.

    Returns:
        The content.

    Raises:
        InputError: the file is no report, or one of another version.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{path}: expected JSON, found: {error}") from None
    if not isinstance(content, dict) or "run" not in content:
        raise InputError(f"{path}: expected the report of a run, found other JSON")
    if content.get("version") != VERSION:
        found = content.get("version")
        raise InputError(f"{path}: expected a report of version {VERSION}, found {found!r}")
    if missing := sorted(PARTS - content.keys()):
        raise InputError(f"{path}: expected the whole report of a run, found no {missing[0]!r}")
    return content
