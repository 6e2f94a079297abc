from pathlib import Path

from benchmarks.reproduction.changes import Change
from benchmarks.reproduction.figures import draw_changes
from benchmarks.reproduction.tables import Row


def _row(model: str, place: str) -> Row:
    return Row(model, model, "click", place, Change(0.5, 0.1, 0, 0.2, 90), 0.4, None, {}, 3)


def test_models_without_a_row_for_all_lists_are_drawn_by_their_slice(tmp_path: Path) -> None:
    draw_changes([_row("US: all", "US"), _row("US: own", "US")], tmp_path / "slices.png", "5.4")
    draw_changes([_row("ple", "all"), _row("ple", "app")], tmp_path / "all.png", "3")
    assert (tmp_path / "slices.png").stat().st_size > 1000
    assert (tmp_path / "all.png").stat().st_size > 1000
