from pathlib import Path

import pytest

from data.errors import InputError
from data.sources.storage import files_below, find_files

ENDINGS = (".csv", ".csv.gz", ".parquet")


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (
        *("logs/a.csv", "logs/b.csv.gz", "logs/deep/c.parquet", "logs/deep/deeper/d.CSV"),
        *("logs/_SUCCESS", "logs/.a.csv.crc", "logs/_temporary/e.csv", "logs/notes.txt"),
        *("other/f[1].csv", "other/g.csv"),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("logs")
@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["logs/a.csv"], ["logs/a.csv"]),
        (
            ["logs"],
            ["logs/a.csv", "logs/b.csv.gz", "logs/deep/c.parquet", "logs/deep/deeper/d.CSV"],
        ),
        (["logs/*.csv"], ["logs/a.csv"]),
        (
            ["logs/*"],
            ["logs/a.csv", "logs/b.csv.gz", "logs/deep/c.parquet", "logs/deep/deeper/d.CSV"],
        ),
        (["logs/d*"], ["logs/deep/c.parquet", "logs/deep/deeper/d.CSV"]),
        (["**/*.parquet"], ["logs/deep/c.parquet"]),
        (["logs/**/*.csv"], ["logs/a.csv"]),
        (["*/[ab].csv*"], ["logs/a.csv", "logs/b.csv.gz"]),
        (["other/f[1].csv"], ["other/f[1].csv"]),
        (["other/?.csv", "other/g.csv", "logs/a.csv"], ["logs/a.csv", "other/g.csv"]),
    ],
)
def test_paths_folders_and_globs(patterns: list[str], expected: list[str]) -> None:
    assert find_files(patterns, ENDINGS) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("logs [1]", ["logs [1]/a.csv", "logs [1]/b.csv"]),
        ("logs [1]/", ["logs [1]/a.csv", "logs [1]/b.csv"]),
        ("logs [1]/*.csv", ["logs [1]/a.csv", "logs [1]/b.csv"]),
        ("logs [1]/[a].csv", ["logs [1]/a.csv"]),
        ("l?gs", ["l?gs/c.csv"]),
        ("l?gs/*", ["l?gs/c.csv"]),
        ("logs [[]1]/a*", ["logs [1]/a.csv"]),
        ("logs [12]", ["logs 1/d.csv"]),
    ],
)
def test_a_name_that_is_there_is_no_pattern(
    pattern: str, expected: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("logs [1]/a.csv", "logs [1]/b.csv", "logs 1/d.csv", "l?gs/c.csv", "lags/e.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    found = find_files([pattern], ENDINGS)
    assert [path.replace("//", "/") for path in found] == expected
    assert find_files([f"{tmp_path}/{pattern}"], ENDINGS) == [f"{tmp_path}/{one}" for one in found]


def test_absolute_paths_and_file_addresses_stay_as_they_were_given(logs: Path) -> None:
    assert find_files([f"{logs}/logs/*.csv"], ENDINGS) == [f"{logs}/logs/a.csv"]
    assert find_files([f"file://{logs}/other/g.csv"], ENDINGS) == [f"file://{logs}/other/g.csv"]


@pytest.mark.usefixtures("logs")
@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("nowhere/*.csv", "found no file"),
        ("logs/z.csv", "found no file"),
        ("logs/notes.txt", r"found only logs/notes\.txt"),
        ("logs/*.txt", r"found only logs/notes\.txt"),
    ],
)
def test_nothing_to_read_is_an_error(pattern: str, found: str) -> None:
    with pytest.raises(InputError, match=rf"expected files that end in \.csv, .*{found}"):
        find_files(["logs/a.csv", pattern], ENDINGS)


def test_an_unknown_file_system_is_an_error() -> None:
    with pytest.raises(InputError, match="nosuch://a/b: cannot be reached"):
        find_files(["nosuch://a/b"], ENDINGS)


def test_links_that_lead_back_do_not_give_files_twice(logs: Path) -> None:
    whole = find_files(["logs"], ENDINGS)
    (logs / "logs" / "again").symlink_to(".")
    (logs / "logs" / "deep" / "up").symlink_to(logs / "logs")
    # Two folders that hold each other.
    (logs / "other" / "there").symlink_to(logs / "logs")
    (logs / "logs" / "back").symlink_to(logs / "other")
    assert find_files(["logs/**/*"], ENDINGS) == find_files(["logs"], ENDINGS)
    assert find_files(["logs"], ENDINGS) == sorted(
        [*whole, "logs/back/f[1].csv", "logs/back/g.csv"]
    )


def test_a_file_that_several_paths_lead_to_is_read_once(logs: Path) -> None:
    """Otherwise each item of its lists would be there twice."""
    whole = find_files(["logs"], ENDINGS)
    (logs / "logs" / "deep" / "latest").symlink_to("deeper")
    (logs / "logs" / "0.csv").symlink_to("a.csv")
    assert find_files(["logs"], ENDINGS) == whole
    assert find_files(["logs/a.csv", "logs/../logs//a.csv", f"{logs}/logs/0.csv"], ENDINGS) in (
        ["logs/a.csv"],
        [f"{logs}/logs/a.csv"],
    )
    assert find_files(["logs/0.csv", f"file://{logs}/logs/a.csv"], ENDINGS) == [
        f"file://{logs}/logs/a.csv"
    ]


def test_a_link_to_a_folder_elsewhere_is_followed(logs: Path) -> None:
    (logs / "logs" / "linked").symlink_to(logs / "other")
    assert "logs/linked/g.csv" in find_files(["logs"], ENDINGS)


@pytest.mark.parametrize("name", ["a\0b.csv", "\0", "x" * 5000, "C:\\logs\\a.csv", "~nobody/a.csv"])
def test_a_name_that_is_none_is_one_clear_error(name: str) -> None:
    with pytest.raises(InputError, match=r"^input '"):
        find_files([name], ENDINGS)


def test_a_file_whose_name_is_no_text_is_named(logs: Path) -> None:
    Path(str(logs / "logs" / "\udcff.csv")).touch()
    with pytest.raises(InputError, match=r"names in UTF-8, found b'\\xff\.csv'"):
        find_files(["logs"], ENDINGS)


@pytest.mark.usefixtures("logs")
@pytest.mark.parametrize(
    ("patterns", "below"),
    [
        (["logs/deep"], "deeper/d.CSV"),
        (["logs/deep/", "logs/deep/deeper"], "deeper/d.CSV"),
        (["logs/deep/d*"], "deeper/d.CSV"),
        (["l*/**/d*"], "logs/deep/deeper/d.CSV"),
        (["logs/deep/deeper/d.CSV"], ""),
    ],
)
def test_parts_of_paths_count_from_the_pattern_downwards(patterns: list[str], below: str) -> None:
    assert files_below(patterns, ENDINGS)["logs/deep/deeper/d.CSV"] == below
