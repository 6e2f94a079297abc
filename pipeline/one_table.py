"""The rows of files as one table, though columns may be missing or differ in type."""

from collections.abc import Mapping

import pyarrow as pa

from data.arrow_types import as_type, common_type
from data.errors import InputError


def one_table(tables: Mapping[str, pa.Table]) -> pa.Table:
    """Joins the rows of files.

    Args:
        tables: a table by file; a column may be missing in some, and of another type.

    Returns:
        One table. A column that files hold in different types comes as text, as ids do; lists and
        records come field by field, as `common_type` joins them.

    Raises:
        InputError: such a column is nested in one file only, or otherwise, or has no text.
    """
    types: dict[str, dict[pa.DataType, str]] = {}
    for file, table in tables.items():
        for field in table.schema:
            if not pa.types.is_null(field.type):
                types.setdefault(field.name, {}).setdefault(field.type, file)
    alike = list(tables.values())
    for name, found in types.items():
        if len(found) > 1:
            alike = _with_one_type(alike, name, found)
    schema = pa.unify_schemas([table.schema for table in alike])
    return pa.concat_tables([_with_all_columns(table, schema) for table in alike])


def _with_one_type(
    tables: list[pa.Table], name: str, found: Mapping[pa.DataType, str]
) -> list[pa.Table]:
    """The tables with a column in one type; `found` has a file for each of its types."""
    for only_text in (False, True):
        kind = _one_type(name, found, only_text)
        try:
            return [_with_type(table, name, kind) for table in tables]
        except pa.ArrowInvalid:
            # Ids that a float cannot hold: text holds everything.
            continue
        except InputError:
            break
    raise _different(name, *list(found.items())[:2])


def _one_type(name: str, found: Mapping[pa.DataType, str], only_text: bool) -> pa.DataType:
    if not any(pa.types.is_nested(kind) for kind in found):
        return pa.string()
    common = pa.null()
    for kind, file in found.items():
        joined = common_type(common, kind, only_text)
        if joined is None:
            others = [one for one in found.items() if common_type(one[0], kind) is None]
            raise _different(name, others[0], (kind, file))
        common = joined
    return common


def _different(
    name: str, one: tuple[pa.DataType, str], other: tuple[pa.DataType, str]
) -> InputError:
    found = " and ".join(f"{kind} in {file}" for kind, file in (one, other))
    return InputError(
        f"--input: expected column {name!r} in types that can be joined in one table, found {found}"
    )


def _with_type(table: pa.Table, name: str, kind: pa.DataType) -> pa.Table:
    if name not in table.column_names:
        return table
    chunks = [as_type(chunk, kind) for chunk in table[name].chunks]
    return table.set_column(table.column_names.index(name), name, pa.chunked_array(chunks, kind))


def _with_all_columns(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """A table with nulls in the columns that it lacks; the lanes' Arrow name an option each."""
    columns = [
        table[field.name]
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
