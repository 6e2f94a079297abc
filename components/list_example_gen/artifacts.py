"""The artifact of the rows that no list could take."""

from tfx.types.artifact import Artifact


class RowsSetAside(Artifact):
    """What went in, what came out, and each row that was set aside.

    * `counts.json`: see `components.list_example_gen.counts.ListCounts`.
    * `rows-*.jsonl`: one line a row that was set aside, with `file`, `row` and `reason`.
    """

    TYPE_NAME = "RowsSetAside"
