"""What filling the attributes of listings came to: `fill.json`."""

from data.amounts import listed
from data.artifacts.result_file import ResultFile
from data.definition.base import Definition
from data.listings.few_judged import told_few_judged


class FilledAttribute(Definition):
    """What became of one attribute.

    Attributes:
        asked: listings whose category has it.
        stated: those that stated a value.
        absent: those that said that they have none.
        filled: those that got a value that was joined.
        before: share that stated a value; None where no category has it.
        after: share that stated a value or got one.
        precision: share of right values among those found for listings held out, whose values are
            known; None where none was found.
        recall: share of those listings whose value was found.
        judged: how many these are.
        refused: whether some listings leave it empty and its precision was too low, so that only
            what is stated was joined.
    """

    asked: int
    stated: int
    absent: int
    filled: int
    before: float | None
    after: float | None
    precision: float | None
    recall: float | None
    judged: int
    refused: bool


class AttributeFillResult(ResultFile):
    """Counts of AttributeFill.

    Attributes:
        listings: listings that were read.
        without_id: those without the id of an item.
        repeated: those whose item an earlier listing has; the earlier one counts.
        trained: listings that the model was trained with.
        least_precision: below which a fill is refused.
        without_category: a line on listings without a category of the taxonomy; None where all have
            one.
        attributes: by attribute.
    """

    FILE = "fill.json"

    listings: int
    without_id: int
    repeated: int
    trained: int
    least_precision: float
    without_category: str | None = None
    attributes: dict[str, FilledAttribute]

    @property
    def told_coverage(self) -> list[str]:
        """A line for people: which share of the listings has a value; none where none is asked."""
        shares = [
            f"{name} {one.after:.1%} ({one.before:.1%} stated)"
            for name, one in self.attributes.items()
            if one.before is not None and one.after is not None
        ]
        return [f"listings: with a value after the fill: {listed(shares)}"] if shares else []

    @property
    def told(self) -> list[str]:
        """Lines for people: what could not be filled, is hardly judged, or was refused."""
        few = told_few_judged({name: one.judged for name, one in self.attributes.items()})
        lines = [f"listings: {line}" for line in (self.without_category, few) if line]
        for name, one in self.attributes.items():
            if one.refused:
                found = "none found" if one.precision is None else f"{one.precision:.1%}"
                lines.append(
                    f"listings: {name}: precision on listings held out: {found}, below "
                    f"least_precision = {self.least_precision:g}: nothing is filled in, only what "
                    "listings state is joined"
                )
        return lines
