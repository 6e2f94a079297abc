"""Rows that are set aside: counted, and written one a line."""

import pyarrow as pa
import tensorflow as tf
from tfx.types.artifact import Artifact

from components.list_example_gen.parts import whole_file
from components.list_example_gen.tally import Tally
from data.notices import DATA_LOGGER

_FOUND = ", found "


class RowsSetAside(Artifact):
    """Counts of a run, and each row that was set aside.

    * `counts.json`: see `components.list_example_gen.counts.ListCounts`.
    * `rows-*.jsonl`: one line a row that was set aside, with `file`, `row` and `reason`.
    """

    TYPE_NAME = "RowsSetAside"


def of_stopped_run(folder: str) -> str:
    """Where rows stay that stopped a run, beside the artifact: TFX deletes that of a failed run.

    Args:
        folder: folder of the artifact.
    """
    return f"{folder.rstrip('/').rpartition('/')[0]}/stopped_run"


def keep_of_stopped_run(folder: str) -> None:
    """Moves all that is in the artifact's folder to `of_stopped_run`; the folder is empty then.

    Where they cannot be moved, that is logged: the run's own error says why it stopped.
    """
    try:
        forget_stopped_run(folder)
        tf.io.gfile.rename(folder, of_stopped_run(folder))
        tf.io.gfile.makedirs(folder)
    except (OSError, tf.errors.OpError):
        DATA_LOGGER.exception(
            "rows that were set aside could not be kept in %s", of_stopped_run(folder)
        )


def forget_stopped_run(folder: str) -> None:
    """Removes what an earlier run left in `of_stopped_run`."""
    if tf.io.gfile.isdir(of_stopped_run(folder)):
        tf.io.gfile.rmtree(of_stopped_run(folder))


class SetAside:
    """Gathers the rows that a worker sets aside."""

    def __init__(self) -> None:
        self._tables: list[pa.Table] = []

    def add(self, rows: pa.Table) -> None:
        """Adds rows with `file`, `row` and `reason`."""
        if rows.num_rows:
            # Where all rows are bad, the same few texts would fill the memory.
            columns = [rows["file"].dictionary_encode(), rows["row"]]
            columns.append(rows["reason"].dictionary_encode())
            self._tables.append(pa.table(columns, ["file", "row", "reason"]))

    def save(self, folder: str, name: str) -> Tally:
        """Writes the rows, if there are any, to `rows-NAME.jsonl`.

        Args:
            folder: folder of the artifact.
            name: name of the shard or bucket.

        Returns:
            How many rows there are for each reason, and the first of each.
        """
        tally = Tally()
        if not self._tables:
            return tally
        file_name = f"rows-{name}.jsonl"
        with whole_file(folder, file_name) as path, tf.io.gfile.GFile(path, "w") as file:
            for table in self._tables:
                frame = table.to_pandas()
                file.write(frame.to_json(orient="records", lines=True, force_ascii=False))
                tally.add(_tally(table))
        tally.written[f"{folder}/{file_name}"] = tf.io.gfile.stat(f"{folder}/{file_name}").length
        return tally


def _tally(table: pa.Table) -> Tally:
    frame = table.to_pandas().astype({"file": str, "reason": str})
    # What was found differs from row to row; what was expected is the kind of reason.
    frame["kind"] = frame["reason"].str.partition(_FOUND)[0]
    tally = Tally()
    tally.count("rows", {"set_aside": len(frame)})
    tally.count("reasons", frame["kind"].value_counts().to_dict())
    firsts = frame.sort_values(["file", "row"]).drop_duplicates("kind")
    for first in firsts.itertuples():
        tally.places[first.kind] = (first.file, first.row, first.reason)
    return tally
