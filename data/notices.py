"""Lines of the log that are shown on the screen too."""

import logging
from collections.abc import Iterable

DATA_LOGGER = logging.getLogger("seqmd.data")


def tell(logger: logging.Logger, lines: Iterable[str], level: int = logging.INFO) -> None:
    """Logs lines for people and, as `record.notice`, for the screen of a run.

    Args:
        logger: of the part that tells them.
        lines: a record each; one may have several lines.
        level: of the records.
    """
    for line in lines:
        logger.log(level, "%s", line, extra={"notice": line})
