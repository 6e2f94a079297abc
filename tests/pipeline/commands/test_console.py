import io
import logging
import os

from rich.table import Table

from models.training.progress import TRAINING_LOGGER, TrainingProgress
from pipeline.commands.console import RunDisplay, console_on


def _shown(*records: dict) -> str:
    stream = io.StringIO()
    TRAINING_LOGGER.setLevel(logging.INFO)
    with RunDisplay(console_on(stream)):
        for extra in records:
            TRAINING_LOGGER.info("said", extra=extra)
    return stream.getvalue()


def test_an_epoch_is_a_line_with_its_ndcg() -> None:
    metrics = {"loss": 8.5, "click_ndcg": 0.5, "purchase_ndcg": float("nan"), "click_mrr": 0.4}
    shown = _shown({"progress": TrainingProgress(2, 10, 7, 7, 8.125, metrics)})
    assert "epoch 2/10  loss 8.125  validation: loss 8.500  NDCG of whole lists  click 0.5" in shown
    assert "purchase not measurable" in shown
    assert "mrr" not in shown


def test_the_rank_is_said_where_ndcg_is_cut_off() -> None:
    progress = TrainingProgress(1, 10, 7, 7, 8.125, {"loss": 8.5, "graded_ndcg": 0.5}, ndcg_at=10)
    assert "loss 8.500  NDCG@10  graded 0.500" in _shown({"progress": progress})


def test_the_loss_that_decides_which_epoch_is_kept_is_shown() -> None:
    metrics = {"loss": 8.5, "loss_by_lists": 3.25, "graded_ndcg": 0.5}
    progress = TrainingProgress(1, 10, 7, 7, 8.125, metrics, best_by="loss_by_lists")
    assert "validation: loss 8.500, by lists 3.250  NDCG" in _shown({"progress": progress})
    progress = TrainingProgress(1, 10, 7, 7, 8.125, metrics, best_by="loss")
    assert "validation: loss 8.500  NDCG" in _shown({"progress": progress})


def test_notices_are_shown_and_other_records_are_not() -> None:
    shown = _shown({"notice": "warm start: [3] weights"}, {})
    assert "warm start: [3] weights" in shown
    assert "said" not in shown


def test_no_notice_commands_the_terminal() -> None:
    shown = _shown({"notice": "region [red]\x1b[2J\x9b1m:warning: is new"})
    assert r"region [red]\x1b[2J\x9b1m:warning: is new" in shown


def test_nobody_has_to_read_to_the_end() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        console = console_on(stream)
        with RunDisplay(console):
            for words in ("nobody reads this", "and this neither" * 10_000):
                console.print(words)


def test_columns_and_cells_of_tables_neither() -> None:
    stream = io.StringIO()
    table = Table("a\x1b[1m", title="b\x1b[1m", caption="c\x1b[1m")
    table.add_row("d\x1b[1m")
    console_on(stream).print(table)
    assert "\x1b" not in stream.getvalue()
    assert stream.getvalue().count(r"\x1b[1m") == 4
