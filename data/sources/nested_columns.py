"""Fields of nested columns by dotted names, as BigQuery and Spark export repeated records.

Of a column `history` of repeated records with a field `price`, `history.price` is a list of prices
for each row; of a column `shop` of single records, `shop.city` is a value for each row.
"""

import re
from collections.abc import Iterator, Sequence

import pyarrow as pa

from data.arrow_lists import entries, is_list, lists_of

# The levels that writers of Parquet add for a list.
LIST_LEVELS = re.compile(r"\.(list\.(element|item)|bag\.array_element|array)(?=\.|$)")


def nested_names(schema: pa.Schema) -> list[str]:
    """Dotted names of all fields below the columns of a schema.

    Args:
        schema: as Parquet files and tables have it.

    Returns:
        The names, in the order of the schema; lists within repeated records go no deeper.
    """
    return [name for field in schema for name in _below(field.name, field.type, lists=1)]


def fields_of_nothing(schema: pa.Schema, names: Sequence[str]) -> list[str]:
    """Dotted names below columns that hold no value, whose type so says nothing of their fields.

    pandas writes `list<null>` where every history of a file is empty.

    Args:
        schema: as Parquet files and tables have it.
        names: dotted names of fields, and others.

    Returns:
        The names that lie in such columns: each of their fields is missing, or an empty list.
    """
    empty = {field.name for field in schema if _holds_nothing(field.type)}
    known = {*schema.names, *nested_names(schema)}
    return [name for name in names if name not in known and empty & set(_parents(name))]


def leaves_of(names: Sequence[str], leaves: Sequence[str]) -> list[str]:
    """The leaves of a Parquet file that hold columns or fields.

    Args:
        names: names of columns, or dotted ones of fields, also of a column without values.
        leaves: paths of all leaves, such as `history.list.element.price`.

    Returns:
        Paths of the leaves to read, in the file's order.
    """
    plain = {leaf: _without_levels(leaf) for leaf in leaves}
    wanted = {leaf: [path, *_parents(path), leaf, *_parents(leaf)] for leaf, path in plain.items()}
    # A column without values is a leaf itself, and the fields lie below it.
    above = {parent for name in names for parent in _parents(name)}
    return [leaf for leaf in leaves if set(wanted[leaf]) & set(names) or plain[leaf] in above]


def nested_column(table: pa.Table, name: str) -> pa.ChunkedArray | None:
    """A column of a table by its name, or a field of one by its dotted name.

    Args:
        table: any columns.
        name: the name; a column of this very name comes first.

    Returns:
        The values, a list a row where the field is in repeated records; None where there is
        neither.
    """
    if name in table.column_names:
        return table[name]
    for column in _parents(name):
        if column in table.column_names:
            path = name[len(column) + 1 :].split(".")
            chunks = [_field(chunk, path) for chunk in _chunks(table[column])]
            found = [chunk for chunk in chunks if chunk is not None]
            return pa.chunked_array(found) if len(found) == len(chunks) else None
    return None


def _below(name: str, kind: pa.DataType, lists: int) -> Iterator[str]:
    kind = _unwrapped_type(kind)
    if is_list(kind) and lists:
        yield from _below(name, kind.value_type, lists - 1)
    elif pa.types.is_struct(kind):
        for field in kind:
            yield f"{name}.{field.name}"
            yield from _below(f"{name}.{field.name}", field.type, lists)


def _holds_nothing(kind: pa.DataType) -> bool:
    kind = _unwrapped_type(kind)
    return pa.types.is_null(kind.value_type if is_list(kind) else kind)


def _without_levels(leaf: str) -> str:
    """The dotted name of a leaf; a writer that does not mark lists may leave levels in levels."""
    name = LIST_LEVELS.sub("", leaf)
    return leaf if name == leaf else _without_levels(name)


def _parents(path: str) -> list[str]:
    """The columns in which a dotted name may lie, the longest first."""
    parts = path.split(".")
    return [".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1)]


def _chunks(column: pa.ChunkedArray) -> list[pa.Array]:
    return column.chunks or [pa.array([], column.type)]


def _field(values: pa.Array, path: Sequence[str]) -> pa.Array | None:
    """A field of records, through one level of lists."""
    values = unwrapped(values)
    if not path or pa.types.is_null(values.type):
        return values
    if is_list(values.type):
        lengths, inner = entries(values)
        found = _field(inner, path)
        return None if found is None else lists_of(lengths, found)
    if not pa.types.is_struct(values.type):
        return None
    place = values.type.get_field_index(path[0])
    return None if place < 0 else _field(values.flatten()[place], path[1:])


def unwrapped(values: pa.Array) -> pa.Array:
    """Lists without the two levels that writers which do not mark lists leave around them."""
    if _unwrapped_type(values.type) == values.type:
        return values
    lengths, inner = entries(values.flatten()[0])
    return lists_of(lengths, inner.flatten()[0])


def _unwrapped_type(kind: pa.DataType) -> pa.DataType:
    """As `unwrapped`, of the type: `struct<list: list<struct<element: T>>>` is `list<T>`."""
    if not pa.types.is_struct(kind) or kind.num_fields != 1 or not is_list(kind[0].type):
        return kind
    inner = kind[0].type.value_type
    if not pa.types.is_struct(inner) or inner.num_fields != 1:
        return kind
    levels = f".{kind[0].name}.{inner[0].name}"
    return pa.list_(inner[0].type) if LIST_LEVELS.fullmatch(levels) else kind
