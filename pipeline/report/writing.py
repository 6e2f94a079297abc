"""Writes the report of a run, which must never be what a run fails on."""

import logging

from data.files import write_whole
from pipeline.config import RunConfig
from pipeline.locations import Locations
from pipeline.report.content import report_content
from pipeline.report.files import save_content
from pipeline.report.page import report_page
from pipeline.report.record import RunRecord


def write_report(
    config: RunConfig, locations: Locations, record: RunRecord, error: BaseException | None = None
) -> None:
    """Writes report.json and report.html; where that fails, the log says why.

    Args:
        config: the run's configuration.
        locations: where everything is kept.
        record: what has run.
        error: what ended the run.
    """
    try:
        content = report_content(config, locations, record, error)
        save_content(content, locations.output, f"{record.started:%Y%m%dT%H%M%S}")
        write_whole(locations.report, report_page(content))
    except Exception:
        # The model is made, or the run has failed already: that is what the command has to tell.
        logging.getLogger("seqmd").exception("The report could not be written")
