import pytest

from components.list_example_gen.counts import ListCounts
from components.list_example_gen.few_lists import told_of_few_lists
from components.list_example_gen.tally import Tally
from data.definition.splitting import Split


def counts(**done: int) -> ListCounts:
    tally = Tally()
    tally.count("lists", {"train": 500, "validation": 200, "eval": 300})
    for task, number in done.items():
        tally.count(f"done {task}", {"train": 90, "validation": number, "eval": 90})
        tally.count(f"positives {task}", {"train": 90, "validation": number, "eval": 90})
    return ListCounts.of(tally, files=1, tasks=["click", "cart", "purchase"])


@pytest.mark.parametrize(
    ("split", "advice"),
    [
        (Split(), "a larger `validation_share`"),
        (
            Split.model_validate(
                {"by": "time", "validation_from": "2026-01-01", "evaluation_from": "2026-02-01"}
            ),
            "an earlier `validation_from`",
        ),
    ],
)
def test_tasks_of_few_validation_lists_are_one_line(split: Split, advice: str) -> None:
    (told,) = told_of_few_lists(counts(click=30, cart=29, purchase=4), split)
    assert told.startswith(
        "few validation lists with an action: cart 29, purchase 4 (of 200; 30 or more are wanted). "
    )
    assert told.endswith(f"more logs or {advice} (of `split`) help")


def test_nothing_is_told_of_many_lists_and_of_tasks_without_positives() -> None:
    assert told_of_few_lists(counts(click=30, cart=30, purchase=30), Split()) == []
    assert counts(click=30, cart=30).tasks_without_positives == ("purchase",)
    assert told_of_few_lists(counts(click=30, cart=30), Split()) == []
