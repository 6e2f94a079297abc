import os
from pathlib import Path

import pytest

from components.list_example_gen.plan import fingerprint


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path in paths:
        path.write_bytes(path.name.encode() * 1000)
    return list(map(str, paths))


def test_dates_and_the_order_of_files_do_not_matter(files: list[str]) -> None:
    before = fingerprint(files)
    os.utime(files[0], (1, 1))
    assert fingerprint(files[::-1]) == before


@pytest.mark.parametrize("hashed_whole", [1 << 30, 0])
def test_content_size_and_names_matter(files: list[str], hashed_whole: int) -> None:
    first = Path(files[0])
    seen = {fingerprint(files, hashed_whole), fingerprint(files[:1], hashed_whole)}
    content = bytearray(first.read_bytes())
    content[500] ^= 1
    first.write_bytes(content)
    seen.add(fingerprint(files, hashed_whole))
    first.write_bytes(content + b"!")
    seen.add(fingerprint(files, hashed_whole))
    files[0] = str(first.rename(first.with_name("c.csv")))
    seen.add(fingerprint(files, hashed_whole))
    assert len(seen) == 5


def test_beyond_a_size_a_new_date_is_new_input(files: list[str]) -> None:
    before = fingerprint(files, hashed_whole=0)
    os.utime(files[0], (1, 1))
    assert fingerprint(files, hashed_whole=0) != before
