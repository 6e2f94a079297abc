"""JSON lines in columnar batches."""

import io
import json
import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json

from data.errors import InputError
from data.sources.storage import open_file

_BLOCK_BYTES = 8 << 20
_ROW = re.compile(r" in row (\d+)$")


def json_schema(path: str) -> pa.Schema:
    """The columns of a whole file, with types that hold all its values.

    Args:
        path: a file of one JSON object a line; local or remote.

    Raises:
        InputError: it is no such file, or a column holds values that do not go together.
    """
    fields: dict[str, pa.DataType] = {}
    for first_line, block in _blocks(path):
        for field in _parsed(path, first_line, block, None).schema:
            known = fields.get(field.name, pa.null())
            fields[field.name] = _joined(known, field.type, f"{path}: column {field.name!r}")
    if not fields:
        raise InputError(f"{path}: expected a JSON object a line, found none")
    return pa.schema(list(fields.items()))


def read_json_lines(path: str, schema: pa.Schema) -> Iterator[pa.Table]:
    """Reads a file in batches of about 8 MiB.

    Args:
        path: a file of one JSON object a line; local or remote.
        schema: its columns, see `json_schema`.

    Yields:
        Tables of the schema.

    Raises:
        InputError: the file cannot be read to its end.
    """
    for first_line, block in _blocks(path):
        yield _parsed(path, first_line, block, schema).select(schema.names)


def write_json_lines(file: io.TextIOBase, table: pa.Table) -> None:
    """Writes the rows of a table; characters of all scripts as they are.

    JSON has no infinite numbers, and none that are no numbers: they become null.

    Args:
        file: an open text file.
        table: the rows.
    """
    for at, field in enumerate(table.schema):
        if field.type in (pa.float32(), pa.float64()):
            some = pc.if_else(pc.is_finite(table[at]), table[at], pa.scalar(None, field.type))
            table = table.set_column(at, field, some)
    for row in table.to_pylist():
        file.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")


def _blocks(path: str) -> Iterator[tuple[int, bytes]]:
    """Whole lines of a file, with the number of the first, counted from 1."""
    line = 1
    with open_file(path) as file:
        rest = b""
        while chunk := file.read(_BLOCK_BYTES):
            cut = chunk.rfind(b"\n") + 1
            block, rest = (rest + chunk[:cut], chunk[cut:]) if cut else (b"", rest + chunk)
            if block.strip():
                yield line, block
            line += block.count(b"\n")
    if rest.strip():
        yield line, rest


def _parsed(path: str, first_line: int, block: bytes, schema: pa.Schema | None) -> pa.Table:
    parse = arrow_json.ParseOptions(explicit_schema=schema)
    read = arrow_json.ReadOptions(block_size=len(block) + 1)
    try:
        block.decode()
        return arrow_json.read_json(io.BytesIO(block), read, parse)
    except UnicodeDecodeError as error:
        number = first_line + block.count(b"\n", 0, error.start)
        raise InputError(f"{path}: line {number}: expected UTF-8, found other bytes") from error
    except (pa.ArrowException, OSError) as error:
        # pyarrow counts rows within the block.
        why, row = _ROW.sub("", str(error)), _ROW.search(str(error))
        line = _wrong_line(block, first_line, int(row[1]) if row else None)
        raise InputError(f"{path}: {line}: expected a JSON object a line: {why}") from error


def _wrong_line(block: bytes, first_line: int, row: int | None) -> str:
    """Which line is wrong: the first that is no JSON object, or else the row that pyarrow names.

    Looked for only once a block is refused.
    """
    filled = []
    for number, line in enumerate(block.split(b"\n"), first_line):
        try:
            if line.strip() and not isinstance(json.loads(line), dict):
                return f"line {number}"
        except ValueError:
            return f"line {number}"
        filled += [number] if line.strip() else []
    if row is not None and row < len(filled):
        return f"line {filled[row]}"
    return f"the lines from {first_line} on"


def _joined(one: pa.DataType, other: pa.DataType, place: str) -> pa.DataType:
    """A type that holds the values of both."""
    one, other = _plain(one), _plain(other)
    if one == other or pa.types.is_null(other):
        return one
    if pa.types.is_null(one):
        return other
    numbers = {pa.int64(), pa.float64()}
    if {one, other} == numbers:
        return pa.float64()
    if pa.types.is_list(one) and pa.types.is_list(other):
        return pa.list_(_joined(one.value_type, other.value_type, place))
    if pa.types.is_struct(one) and pa.types.is_struct(other):
        fields = {field.name: field.type for field in one}
        for field in other:
            fields[field.name] = _joined(fields.get(field.name, pa.null()), field.type, place)
        return pa.struct(list(fields.items()))
    raise InputError(f"{place}: expected values of one kind, found {one} and {other}")


def _plain(kind: pa.DataType) -> pa.DataType:
    """Texts that look like times stay texts."""
    return pa.string() if pa.types.is_timestamp(kind) else kind
