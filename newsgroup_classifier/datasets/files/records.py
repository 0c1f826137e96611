"""Tables of records: JSON lines and Parquet. Every value becomes a text that looks like the value.

Numbers keep their spelling (1.0 is not 1), true and false stay words, and null is empty.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from newsgroup_classifier.datasets.files.decoding import lines_of, open_text
from newsgroup_classifier.datasets.files.opening import Source
from newsgroup_classifier.errors import DataError

_SAMPLE = 1000  # lines that the columns are found in
_BATCH = 1000  # rows
_PARQUET_TYPES = (  # of columns with texts or numbers
    *("string", "large_string", "string_view"),
    *("integer", "floating", "decimal", "boolean", "null"),
)
_SURROGATE = re.compile("[\ud800-\udfff]")
Read = Callable[[Sequence[str]], Iterator[tuple[str, ...]]]
Form = tuple[tuple[str, ...], Read, str, str, dict[str, str]]  # what a Table has after its form


def _text(value: Any) -> str:
    if value is None:
        return ""
    return ("false", "true")[value] if isinstance(value, bool) else str(value)


def open_json_lines(source: Source, encoding: str, longest: int) -> Form:
    """Return the columns of a file with one JSON object per line, and how to read them."""
    kinds: dict[str, str] = {}
    for _, each in islice(_objects(source, encoding, longest), _SAMPLE):
        for name, value in each.items():
            kinds[name] = kinds.get(name, "") or _kind_of(value)

    def rows(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
        for place, each in _objects(source, encoding, longest):
            yield tuple(_field(each.get(name), f"{place}: {name!r}") for name in names)

    columns = tuple(name for name, kind in kinds.items() if not kind)
    return columns, rows, encoding, "", {name: kind for name, kind in kinds.items() if kind}


def _kind_of(value: Any) -> str:
    """Return the kind of a value that is no field of a table, "" for a field."""
    return "list" if isinstance(value, list) else "object" if isinstance(value, dict) else ""


def _field(value: Any, place: str) -> str:
    text = _text(value)
    if kind := _kind_of(value):
        raise DataError(f"{place} holds a value of the type {kind}; expected a text or a number")
    if not text.isascii() and _SURROGATE.search(text):
        raise DataError(
            f"{place} has half of a surrogate pair (\\ud800 to \\udfff), which is not a "
            "character; remove it"
        )
    return text


def _objects(source: Source, encoding: str, longest: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the place and the object of each line that is not blank."""
    with open_text(source, encoding) as file:
        for number, line in enumerate(lines_of(file, source.name, longest), start=1):
            if line.strip():
                place = f"{source.name}: line {number}"
                yield place, _object(line, place)


def _object(line: str, place: str) -> dict[str, Any]:
    """Return the object of a line, with numbers as they are spelled."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        content = dict(pairs)
        if len(content) < len(pairs):  # json would drop all but the last value of a key
            raise DataError(
                f"{place} has an object with the same key twice; expected each key once"
            )
        return content

    try:
        value = json.loads(
            line, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=unique
        )
    except (json.JSONDecodeError, RecursionError) as error:
        reason = "it is nested too deeply"
        if isinstance(error, json.JSONDecodeError):
            reason = f"{error.msg}, character {error.pos + 1}"
        raise DataError(
            f"{place} is not valid JSON ({reason}); expected one object per line"
        ) from error
    if not isinstance(value, dict):
        raise DataError(f"{place} is a {type(value).__name__}; expected one JSON object per line")
    return value


def open_parquet(source: Source) -> Form:
    """Return the columns of a Parquet file, and how to read them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    @contextmanager
    def parquet() -> Iterator[Any]:
        with source.open() as file:
            try:
                # A file in an archive is read whole, because Parquet is read from its end.
                yield pq.ParquetFile(file if file.seekable() else pa.BufferReader(file.read()))
            except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
                raise DataError(
                    f"{source.name} is not a complete Parquet file, or has a text that is not "
                    "UTF-8; write it again"
                ) from error

    def is_usable(kind: Any) -> bool:
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        return any(getattr(pa.types, f"is_{name}")(kind) for name in _PARQUET_TYPES)

    with parquet() as file:
        schema = file.schema_arrow
    columns = tuple(each.name for each in schema if is_usable(each.type))
    unusable = {each.name: str(each.type) for each in schema if not is_usable(each.type)}

    def rows(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
        with parquet() as file:
            for batch in file.iter_batches(_BATCH, columns=list(names)):
                values = [batch.column(name).to_pylist() for name in names]
                yield from (tuple(map(_text, row)) for row in zip(*values, strict=True))

    return columns, rows, "", "", unusable
