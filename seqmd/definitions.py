"""Definitions of datasets: loaded, proposed from logs, and simulated along with logs."""

import tempfile
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

from data import loading
from data.definition.dataset import Dataset
from data.errors import InputError
from pipeline.cli import parser
from seqmd.logs import Logs, on_disk


def load_dataset(definition: str | Path) -> Dataset:
    """The dataset that a YAML file defines.

    Args:
        definition: the file, or a name of the catalog: `simulated`, `expedia`, ...

    Returns:
        The validated dataset; sections for the learning (`model`, `training`, ...) are left aside.

    Raises:
        InputError: the file cannot be read, or does not define a dataset.

    >>> [task.name for task in load_dataset("expedia").tasks]
    ['click', 'booking']
    """
    return loading.load_dataset(str(definition))


def propose(logs: Logs, output: str | Path) -> Path:
    """Looks at the first rows of logs and writes a first definition, each guess explained.

    Args:
        logs: a file, a DataFrame or an Arrow table.
        output: the YAML file, which must be new.

    Returns:
        The YAML file, to look at and to edit.

    Raises:
        InputError: no list or action is found in the rows, the file exists, or cannot be written.
    """
    with tempfile.TemporaryDirectory() as folder:
        command("init", "--input", *on_disk(logs, Path(folder)), "--output", str(output))
    return Path(output)


def simulate(
    output: str | Path,
    *,
    lists: int = 12_000,
    seed: int = 1,
    tasks: int = 3,
    longest_list: int = 40,
    regional_shifts: bool = True,
    regional_tastes: bool = True,
    position_bias: bool = True,
    false_clicks: bool = True,
    skipped_steps: bool = False,
    late_feedback: bool = False,
    refunds: bool = False,
    drifting_region: bool = False,
    silent_sellers: bool = False,
    seen_days: float | None = None,
    delay_scale: float | None = None,
) -> Path:
    """Writes logs of a simulated marketplace of 10 regions, and the definition that fits them.

    Args:
        output: folder of the Parquet files; the definition stands beside it, as `OUTPUT.yaml`.
        lists: lists over 17 days.
        seed: seed of every draw; equal settings give equal logs.
        tasks: how many of click, add_to_cart and purchase are logged, from the first on.
        longest_list: items of the longest list.
        regional_shifts: whether features are distributed differently by region.
        regional_tastes: whether the same listing is wanted differently by region.
        position_bias: whether items further down are examined less.
        false_clicks: whether items are clicked by accident.
        skipped_steps: whether some carts come without a click and some purchases without a cart.
        late_feedback: whether actions have times, and those after `seen_days` have not been seen.
        refunds: whether purchases are sent back; with `late_feedback`.
        drifting_region: whether one region comes to like dearer items from day to day.
        silent_sellers: whether sellers leave the condition of 30% of the listings empty; the
            definition joins their listings' attributes, filled in.
        seen_days: days since the first one until which actions were seen; 17 by default.
        delay_scale: what delays are multiplied by; 1 by default.

    Returns:
        The definition.

    Raises:
        InputError: a setting is out of range, or other files are in the way.

    >>> definition = simulate("shop", lists=20)
    Wrote 20 lists to ... files in shop, and shop.yaml.
    Next: seqmd run --dataset shop.yaml --input shop
    >>> load_dataset(definition).name
    'simulated'
    """
    effects = {
        "--no-regional-shifts": regional_shifts,
        "--no-regional-tastes": regional_tastes,
        "--no-position-bias": position_bias,
        "--no-false-clicks": false_clicks,
    }
    sizes = {"--lists": lists, "--seed": seed, "--tasks": tasks, "--longest-list": longest_list}
    words = [f"{option}={value}" for option, value in sizes.items()]
    words += [option for option, on in effects.items() if not on]
    later = {
        "--skipped-steps": skipped_steps,
        "--late-feedback": late_feedback,
        "--refunds": refunds,
        "--drifting-region": drifting_region,
        "--silent-sellers": silent_sellers,
    }
    words += [option for option, on in later.items() if on]
    words += [] if seen_days is None else [f"--seen-days={seen_days}"]
    words += [] if delay_scale is None else [f"--delay-scale={delay_scale}"]
    command("simulate", f"--output={output}", *words)
    folder = Path(output)
    return folder.with_name(f"{folder.name}.yaml")


def command(*words: str) -> int:
    """Runs a command of `seqmd`; its errors are raised.

    Args:
        words: as on the command line.

    Returns:
        Its exit code.

    Raises:
        InputError: an option has a value of another kind than it takes, or what the command raises.
    """
    with redirect_stderr(StringIO()) as told:
        try:
            options = parser(words[:1]).parse_args(words)
        except SystemExit:
            *_, message = told.getvalue().split("seqmd: ", 1)
            raise InputError(message.strip()) from None
    return options.command(options)
