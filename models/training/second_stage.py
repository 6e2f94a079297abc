"""One kind's own model, trained on what a pushed one knows of all kinds."""

from data.errors import InputError
from models.layers.kind_streams import KindStreams
from models.training.warm_start import WarmStart
from models.weights import embedding_name

_FROZEN = (
    f"/{embedding_name('')}",
    "/feature_streams/",
    "/kinds/alignment/",
    "/kinds/knowledge/",
)


def check_first_stage(kinds: KindStreams | None, report: WarmStart) -> None:
    """Refuses a pushed model that lacks what a second stage freezes.

    Args:
        kinds: the layers of kinds of the model that starts.
        report: what was taken of the pushed model.

    Raises:
        InputError: a frozen weight was not there, or did not fit.
    """
    if kinds is None or kinds.gate is None:
        return
    frozen = [
        name.removeprefix("ranking_model/")
        for name in (*report.new, *report.misfits)
        if any(part in f"/{name}" for part in _FROZEN)
    ]
    if frozen:
        raise InputError(
            "--warm-start: expected a model with the same features, kind_alignment, kind_units and"
            f" kind_knowledge, which a second stage freezes; found none of {', '.join(frozen)}"
        )
