"""What attributes are worth that sellers leave empty, and that are filled in."""

from benchmarks.laboratory.setups import Exhibit, Setup, whatever_logs
from benchmarks.laboratory.silent_sellers import Said
from benchmarks.laboratory.views import View


def knowing_conditions() -> list[Setup]:
    """SEQ+MD with the conditions that sellers state, with the others filled in, and with all.

    All of them known also stands against those that are filled in; those are the same trainings.
    """
    withheld, filled, known = "30% withheld", "filled in", "all known"

    def setup(name: str, said: Said, against: str = withheld) -> Setup:
        model, view = {"ranker": "seq_md"}, View(condition=said)
        return Setup(name, model, against, view=view)

    return [
        setup(withheld, "stated"),
        setup(filled, "filled"),
        setup(known, "true"),
        setup(f"{known}, against {filled}", "true", filled),
    ]


CONDITIONS = {
    "attributes": Exhibit(
        "Conditions that sellers leave empty: withheld, filled in, known",
        whatever_logs(knowing_conditions),
        changes={"silent_sellers": True},
    ),
}
