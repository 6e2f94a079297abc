"""Keys of a list's tf.Example other than its features, and keys derived from a feature's name."""

LIST_ID = "list_id"
LIST_REGION = "list_region"
LIST_PLATFORM = "list_platform"
LIST_TIME = "list_time"
# Seconds from a list to the time until which its actions have been seen.
LIST_AGE = "list_age"
LIST_WEIGHT = "list_weight"
LIST_USER = "list_user"
LIST_RANDOMISED = "list_randomised"
ITEM_POSITION = "item_position"
ITEM_DOMESTIC = "item_domestic"
# What identifies an item, as a hash, 0 where it is unknown; not in Examples.
ITEM = "__item"

# The region and platform of a dataset that names none.
EVERYWHERE = "all"

# What the features of scope `history` are called together.
HISTORY = "history"

# Key of the items of each list among what the transform graph puts out.
ROW_LENGTHS = "row__lengths"
# Key of the past actions of each list there.
HISTORY_LENGTHS = "history__lengths"

# Between the parts of a list's id; no text that people write holds it.
ID_SEPARATOR = "\x1f"

TRAIN, VALIDATION, EVALUATION = "train", "validation", "eval"
SPLITS = (TRAIN, VALIDATION, EVALUATION)
# What was served stands beside the splits in statistics.
SERVING = "serving"


def shown_id(list_id: bytes) -> str:
    """A list's id as people read it."""
    return list_id.decode(errors="replace").replace(ID_SEPARATOR, ", ")


def label(task: str) -> str:
    """Key of a task's labels: float, one an item, NaN where unknown."""
    return f"label_{task}"


def truth(task: str) -> str:
    """Key of a task's true probabilities, which only a simulation knows."""
    return f"truth_{task}"


def seen(task: str) -> str:
    """Key of a task's labels as seen so far: float, one an item, NaN where unknown."""
    return f"seen_{task}"


def delay(task: str) -> str:
    """Key of the seconds from the list to a task's action; float, NaN where not seen."""
    return f"delay_{task}"


def undone(task: str) -> str:
    """Key of the seconds from the list to the undoing of a task's action; NaN where not seen."""
    return f"undone_{task}"


def moment(task: str, field: str) -> str:
    """Key of a task's `at` or `undone_by` among rows: seconds since 1970; not in Examples."""
    return f"__{field}_{task}"


def missing(feature: str) -> str:
    """Key of the indicator of a missing numeric or vector value, as the transform graph has it."""
    return f"{feature}__missing"


def within_list(feature: str, version: str) -> str:
    """Key of a feature's version relative to its list: `percentile` or `standardised`."""
    return f"{feature}__{version}"
