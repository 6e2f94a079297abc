"""Files of their own for evaluation."""

from pathlib import Path

import pytest

from data.errors import InputError
from tests.components.list_example_gen.shop import ITEMS, Run, shop_dataset, shop_logs, write_logs


def test_lists_of_evaluation_files_are_evaluated_only(tmp_path: Path) -> None:
    main = write_logs(shop_logs(), tmp_path / "main.parquet")
    evaluation = shop_logs(20)
    # Lists e1 to e19, and one that is in the main input as well.
    evaluation["search"] = "e" + evaluation["search"].str[1:]
    evaluation.loc[evaluation["search"] == "e0", "search"] = "s59"
    path = write_logs(evaluation, tmp_path / "evaluation.csv")
    run = Run(tmp_path).do(shop_dataset(), [main], [path])
    assert set(run.lists("eval")) == {b"s59", *(b"e%d" % number for number in range(1, 20))}
    assert set(run.lists("train")) | set(run.lists("validation")) == {
        b"s%d" % number for number in range(59)
    }
    assert run.counts.reasons == {"the list is in the files of --eval-input too": ITEMS}
    assert [row["row"] for row in run.rows()] == list(range(59 * ITEMS + 1, 60 * ITEMS + 1))


def test_a_link_to_a_file_of_the_input_is_no_evaluation_file(tmp_path: Path) -> None:
    main = write_logs(shop_logs(), tmp_path / "main.parquet")
    (tmp_path / "link.parquet").symlink_to(main)
    with pytest.raises(InputError, match=r"link\.parquet is among the files of --input"):
        Run(tmp_path).do(shop_dataset(), [main], [str(tmp_path / "link.parquet")])
