"""Folders that may not be written, also where the tests run as root."""

import ctypes
from collections.abc import Iterator
from pathlib import Path

import pytest

# linux/capability.h: version 3 holds two words of bits for each of the three sets.
_VERSION = 0x20080522
_DAC_OVERRIDE = 1 << 1


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("process", ctypes.c_int)]


class _Capabilities(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder in which this thread may not write; root may everywhere, until it gives that up."""
    folder = tmp_path / "locked"
    folder.mkdir()
    system = ctypes.CDLL(None, use_errno=True)
    header, held = _Header(_VERSION, 0), (_Capabilities * 2)()
    assert system.capget(ctypes.byref(header), held) == 0
    effective = held[0].effective
    held[0].effective = effective & ~_DAC_OVERRIDE
    assert system.capset(ctypes.byref(header), held) == 0
    yield folder
    held[0].effective = effective
    assert system.capset(ctypes.byref(header), held) == 0
    folder.chmod(0o700)
