"""Which columns look like the list, the actions, the region and the other roles."""

import re

import numpy as np
import pandas as pd

from data.definition.time_column import Unit, unit_by_size

# For each role, patterns of column names, the most telling first.
NAMES = {
    "list_id": (
        r"(^|_)(srch|search|query|qid)(_?id)?$",
        r"(^|_)(list|request|impression|page|serp|session)(_?id)?$",
    ),
    "region": (
        r"country",
        r"region|market|locale",
        r"(^|_)(land|pays|pais|paese)$",
        r"(^|_)site(_id)?$",
    ),
    "platform": (r"platform", r"device|channel|^app$|is_app"),
    "time": (r"time|(^|_)(ts|at)$", r"date"),
    "position": (r"^(position|rank|slot|pos)$", r"_(position|rank|slot)$"),
    "user": (r"(user|visitor|customer)(_?id)?$", r"(session|member|cookie)(_?id)?$"),
    "randomised": (r"random",),
    "list_weight": (r"weight$",),
    "item": (
        r"(^|_)(item|listing|product|prop|hotel|offer|article|artikel|goods|doc|document)"
        r"_?(id|code|sku|nr|no|number)$",
        r"(^|_)(sku|asin|gtin|ean|item|listing|product|hotel|offer|article|artikel)$",
        r"(^|_)id$",
    ),
}
ACTIONS = (
    r"click|view",
    r"cart|basket|favou?rite|wish",
    r"purchase|book|order|buy|bought|conver|sale",
)
LONGEST_LIST = 2_000
# Fewer values than this say nothing of where they stand.
FEW = 5


def named(columns: list[str], role: str) -> list[str]:
    """Columns whose name fits a role, those first that fit the more telling pattern."""
    found = [name for pattern in NAMES[role] for name in columns if _fits(name, pattern)]
    return list(dict.fromkeys(found))


def times(sample: pd.DataFrame) -> list[str]:
    """Columns of timestamps, those with the name of a time first, then others with such a name.

    Numbers are times only where they count since 1970 in one of the units.
    """
    named_so = [
        name
        for name in named(list(sample.columns), "time")
        if not pd.api.types.is_numeric_dtype(sample[name]) or time_unit(sample[name])
    ]
    typed = [name for name in sample.columns if is_time(sample[name])]
    return list(dict.fromkeys([*(name for name in named_so if name in typed), *typed, *named_so]))


def is_time(values: pd.Series) -> bool:
    """Whether the values are timestamps."""
    return bool(pd.api.types.is_datetime64_any_dtype(values))


def time_unit(values: pd.Series) -> Unit | None:
    """The unit in which numbers count since 1970, by their size; None where they do not."""
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return None
    return unit_by_size(values.dropna().to_numpy(np.float64))


def is_id(name: str) -> bool:
    """Whether a column is named as an id."""
    return bool(re.search(r"(^|_)id$", _words(name)))


def list_column(sample: pd.DataFrame) -> str | None:
    """The column that most looks like the id of a search result page.

    A column that has such a name comes first; its values must repeat, in lists of 2 to 2,000 rows.
    """
    candidates = named(list(sample.columns), "list_id")
    candidates += [name for name in sample.columns if re.search(r"id$", name.lower())]
    for name in candidates:
        if is_nested(sample[name]):
            continue
        rows_per_list = len(sample) / max(sample[name].nunique(), 1)
        if 1.5 <= rows_per_list <= LONGEST_LIST:
            return name
    return None


def action_columns(sample: pd.DataFrame) -> list[str]:
    """Binary columns with the name of an action, from the first action of a funnel to the last."""
    places = {}
    for stage, pattern in enumerate(ACTIONS):
        for name in sample.columns:
            if re.search(pattern, _words(name)) and is_binary(sample[name]):
                # A name that fits two actions, such as `cart_click`, is the further one.
                places[name] = (stage, -float(sample[name].sum()), name)
    return sorted(places, key=lambda name: places[name])


def is_nested(values: pd.Series) -> bool:
    """Whether the values are lists or structs."""
    return isinstance(next(iter(values.dropna()), None), (np.ndarray, list, tuple, dict))


def is_binary(values: pd.Series) -> bool:
    """Whether the values are 0 and 1 only, and not all the same."""
    if not pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return False
    return set(values.dropna().unique()) == {0, 1}


def constant_within(sample: pd.DataFrame, lists: pd.Series, name: str) -> bool:
    """Whether a column has one value a list in at least 99% of the lists."""
    values = sample[name]
    codes = pd.factorize(values.map(str) if is_nested(values) else values)[0]
    by_list = pd.Series(codes).groupby(lists.to_numpy())
    return bool(np.mean(by_list.max() == by_list.min()) >= 0.99)


def follows_from(sample: pd.DataFrame, name: str, region: str, lists: pd.Series) -> bool:
    """Whether a column's value follows from the region, as a currency does.

    It has one value in nearly every region, and not the same one in all: of the lists without the
    commonest value of all, at most 1% have another one than the commonest of their region. Regions
    of one list say nothing.

    Args:
        sample: the first rows of the logs.
        name: a column with one value a list.
        region: the region's column.
        lists: the list of each row.
    """
    of_lists = sample.loc[~lists.duplicated()]
    values = of_lists[name]
    codes = pd.factorize(values.map(str) if is_nested(values) else values)[0]
    table = pd.crosstab(of_lists[region].to_numpy(), codes)
    table = table[table.sum(axis=1) > 1]
    others = int(table.to_numpy().sum() - table.sum().max()) if len(table) else 0
    unlike_region = int((table.sum(axis=1) - table.max(axis=1)).sum())
    return others >= FEW and unlike_region <= 0.01 * others


def item_column(sample: pd.DataFrame, lists: pd.Series, taken: set[str]) -> str | None:
    """The column that most looks like what identifies an item.

    It is named so, or is some id that comes back in other lists, and nearly no list has two
    different rows with the same value.

    Args:
        sample: the first rows of the logs.
        lists: the list of each row.
        taken: columns with another role.
    """
    flat = [name for name in sample.columns if not is_nested(sample[name])]
    rows = sample[flat].drop_duplicates()
    names = [name for name in named(flat, "item") if name not in taken]
    telling = {name for pattern in NAMES["item"][:-1] for name in names if _fits(name, pattern)}
    for name in names:
        pairs = pd.DataFrame({"list": lists.loc[rows.index], "item": rows[name]}).dropna()
        once = len(pairs.drop_duplicates()) >= 0.99 * len(rows)
        comes_back = pairs["item"].nunique() < 0.9 * len(pairs)
        if once and (comes_back or name in telling):
            return name
    return None


def _fits(name: str, pattern: str) -> bool:
    return bool(re.search(pattern, _words(name)))


def leak(sample: pd.DataFrame, name: str, actions: list[str]) -> str | None:
    """Says why a column seems to know the outcome; None where it does not.

    A column that has a value other than 0 nearly only where an action was taken, or nearly equals
    a label, is not known when a list is ranked.
    """
    values = sample[name]
    told = values.notna()
    if pd.api.types.is_numeric_dtype(values):
        told &= values != 0
    for action in actions:
        taken = sample[action].fillna(0) > 0
        if not told.all() and told.sum() >= FEW and (told & taken).sum() >= 0.95 * told.sum():
            return f"has a value only where {action} is 1: not known when a list is ranked"
        if pd.api.types.is_numeric_dtype(values) and values.nunique() > 1:
            correlation = abs(float(np.corrcoef(values.fillna(0), taken)[0, 1]))
            if correlation > 0.9:
                return f"nearly equals {action} (correlation {correlation:.2f})"
    return None


def _words(name: str) -> str:
    """A column's name as the patterns expect it: `Search ID` as `search_id`."""
    return re.sub(r"\W+", "_", name.lower())
