"""The largest memory that this process has held, since a moment."""

from pathlib import Path

_CLEAR, _STATUS = Path("/proc/self/clear_refs"), Path("/proc/self/status")
# Tells Linux to forget the peak of the resident size.
_FORGET_PEAK = "5"
_PEAK = "VmHWM:"


def forget_peak() -> None:
    """Starts anew; does nothing where the system does not let a process do that."""
    try:
        _CLEAR.write_text(_FORGET_PEAK)
    except OSError:
        return


def peak_memory() -> int | None:
    """Largest resident size in bytes since `forget_peak`, without processes that were started.

    Returns:
        The size; None where the system does not say.
    """
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return None
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith(_PEAK)), None)
