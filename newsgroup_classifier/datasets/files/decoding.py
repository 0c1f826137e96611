"""The encoding of a user's text file, and its text, with errors that name the line."""

import codecs
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from newsgroup_classifier.datasets.files.opening import FORMATS, Source
from newsgroup_classifier.errors import DataError

_HEAD = 2**16  # bytes that are looked at
_PER_FIELD = 6  # characters of a line per character of its longest field: \u and four digits
# Of Python's "Python Specific Encodings", and UTF-7, which is of mail: no file is in them. The last
# three give halves of surrogate pairs, too.
_NOT_OF_FILES = {"charmap", "idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"}
# UTF-32's mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def check_encoding(name: str) -> str:
    """Return the name of a text file's encoding as Python spells it, or raise DataError."""
    try:
        "".encode(name)  # refuses codecs between bytes, such as base64
        codec = codecs.lookup(name).name
    except (LookupError, ValueError):
        codec = ""
    if not codec or codec in _NOT_OF_FILES:
        raise DataError(
            f"--encoding {name!r} is not a known encoding of text files; expected one such as "
            "utf-8, utf-16, latin-1, or cp1252"
        )
    return codec


def find_encoding(source: Source) -> str:
    """Return the encoding of a file: that of its byte order mark, UTF-16, or else UTF-8.

    Raises DataError if the file is binary. Latin-1 is never guessed, because every file would be
    valid in it.
    """
    with source.open() as file:
        head = file.read(_HEAD)
    if encoding := _mark_of(head):
        return encoding
    even, odd = head[::2].count(0), head[1::2].count(0)
    if not even and not odd:
        return "utf-8"
    if head[:4] != b"PAR1" and 4 * max(even, odd) > len(head) and 20 * min(even, odd) < len(head):
        return "utf-16-le" if odd > even else "utf-16-be"
    raise DataError(
        f"{source.name} is a binary file (byte {head.index(0)} is 0x00); expected {FORMATS}. If it "
        "is text in UTF-16, pass --encoding utf-16-le or utf-16-be"
    )


def _mark_of(head: bytes) -> str:
    """Return the encoding whose byte order mark a file begins with, or ""."""
    return next((encoding for mark, encoding in _MARKS if head.startswith(mark)), "")


@contextmanager
def open_text(source: Source, encoding: str) -> Iterator[TextIO]:
    """Open a file as text; raise DataError naming the line that cannot be decoded."""
    codec = "utf-8-sig" if encoding == "utf-8" else encoding
    if encoding.startswith(("utf-16-", "utf-32-")):  # which read the mark as a character
        with source.open() as file:
            mark = _mark_of(file.read(4))
        codec = mark if mark and encoding.startswith(mark) else encoding
    with io.TextIOWrapper(source.open(), encoding=codec, newline="") as file:
        try:
            yield file
        except UnicodeError as error:
            if not isinstance(error, UnicodeDecodeError):
                raise DataError(f"{source.name} is not {encoding}: {error}") from error
            latin = "--encoding latin-1 or cp1252" if encoding != "latin-1" else "--encoding"
            raise DataError(
                f"{source.name}: line {_wrong_line(source, codec)} is not {encoding} (byte "
                f"0x{error.object[error.start]:02x}); save the whole file as UTF-8, or pass "
                f"{latin} if that is the encoding of all of it"
            ) from error


def lines_of(file: TextIO, name: str, longest: int) -> Iterator[str]:
    """Yield the lines of a file; raise DataError for one that is too long to be read.

    `name` is that of the file, and `longest` is the number of characters that a field may have.
    """
    number, limit = 0, _PER_FIELD * longest
    while line := file.readline(limit):
        number += 1
        if len(line) == limit:
            raise DataError(f"{name}: line {number} has {limit:,} characters or more; shorten it")
        yield line


def _wrong_line(source: Source, codec: str) -> int:
    """Return the number of the first line that cannot be decoded, from 1."""
    decoder, line = codecs.getincrementaldecoder(codec)(), 1
    with source.open() as file:
        try:
            while chunk := file.read(2**20):
                decoder.decode(chunk)
                line += chunk.count(b"\n")
        except UnicodeDecodeError as error:
            line += error.object[: error.start].count(b"\n")
    return line
