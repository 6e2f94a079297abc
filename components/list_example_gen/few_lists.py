"""Tasks that few validation lists tell anything of."""

from components.list_example_gen.counts import ListCounts
from data.amounts import listed
from data.definition import keys
from data.definition.splitting import Split

# A mean of 30 lists has a fifth of their spread as its error.
FEW_LISTS = 30


def told_of_few_lists(counts: ListCounts, split: Split) -> list[str]:
    """A line for people about tasks that were done in few validation lists.

    Args:
        counts: of the lists; tasks without any positive training label are told of elsewhere.
        split: how lists were divided.

    Returns:
        One line, or none.
    """
    few = [
        f"{task} {found[keys.VALIDATION]}"
        for task, found in counts.lists_with_action.items()
        if found[keys.VALIDATION] < FEW_LISTS and task not in counts.tasks_without_positives
    ]
    if not few:
        return []
    setting = "validation_from" if split.by == "time" else "validation_share"
    change = "an earlier" if split.by == "time" else "a larger"
    of = counts.lists[keys.VALIDATION]
    return [
        f"few validation lists with an action: {listed(few, len(few))} (of {of:,}; {FEW_LISTS} or"
        " more are wanted). The epoch that is kept and the calibration go partly by luck; more"
        f" logs or {change} `{setting}` (of `split`) help"
    ]
