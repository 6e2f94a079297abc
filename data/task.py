"""A task: one of the ordered actions that the model predicts."""

from pydantic import Field

from data.definition import LONGEST_NAME, Definition


class Task(Definition):
    """One action, such as a click or a purchase.

    Attributes:
        name: name of the task in outputs and metrics; letters, digits and underscores.
        column: the column of the logs: 0 or 1 (or false / true, or a count), empty where unknown;
            the name itself by default.
        grade: relevance of an item on which this action was the furthest; at least 1, and not
            falling from task to task. An item's relevance is the largest grade reached, its
            gain 2^relevance - 1.
        true_probability: a column with the action's true probability, which only a simulation
            knows; evaluation then reports the share of the possible NDCG that was reached.
    """

    name: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=LONGEST_NAME)
    column: str = ""
    grade: int = Field(ge=1, le=30)
    true_probability: str | None = None

    def model_post_init(self, context: object) -> None:
        """Takes the name as the column where none is given."""
        if not self.column:
            object.__setattr__(self, "column", self.name)
