"""Read arrays from an untrusted .npz file: without pickle, and without trusting its headers."""

import math
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from tokenize import TokenError
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from newsgroup_classifier.errors import DataErrorFactory, name_list

_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
_HEADER_ERRORS = (
    *(ValueError, TypeError, LookupError),
    *(SyntaxError, TokenError, RecursionError, MemoryError),
)
_LARGEST = 2**31  # bytes of an array: two and a half million images


def read_arrays(
    path: Path, names: Sequence[str], invalid: DataErrorFactory, optional: Sequence[str] = ()
) -> dict[str, NDArray[Any]]:
    """Return arrays of a file by name, and the optional ones that it has.

    Raises what `invalid` makes of the reason if the file cannot be used.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
            missing = [name for name in names if f"{name}.npy" not in members]
            if missing:
                raise invalid(
                    f"it has no array {', '.join(missing)}; it has {_arrays(members)}; expected "
                    f"{', '.join(names)}"
                )
            wanted = (*names, *(name for name in optional if f"{name}.npy" in members))
            return {name: _read_array(archive, f"{name}.npy") for name in wanted}
    except _Unreadable as error:
        raise invalid(f"it is not a complete .npz file without pickles: {error}") from error
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        # NumPy and zipfile quote what they read.
        kind = type(error).__name__
        raise invalid(f"it is not a complete .npz file without pickles: {kind}") from error


class _Unreadable(ValueError):
    """The reason why an array cannot be read, without a word from the file."""


def _arrays(members: Sequence[str]) -> str:
    return name_list([name.removesuffix(".npy") for name in members]) or "nothing"


def _read_array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """Return the array of a member; allocate no more than the file holds."""
    with archive.open(name) as member:
        shape, fortran, kind = _read_header(member, name)
        size = kind.itemsize * math.prod(shape)
        # An empty file can claim any number of items of zero bytes.
        plain = not kind.hasobject and not fortran and kind.itemsize > 0
        valid = all(type(length) is int and 0 <= length <= _LARGEST for length in shape)
        if not plain or not valid or size > _LARGEST:
            raise _Unreadable(f"{name} is {_kind(kind)} {shape}; expected plain values in C order")
        content = member.read(size + 1)
    if len(content) != size:
        raise _Unreadable(f"{name} does not have the {size} bytes that {kind} {shape} takes")
    return np.ndarray(shape, kind, content)


def _read_header(member: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return the shape, order, and data type of the array in an .npy file."""
    version = np.lib.format.read_magic(member)
    if version not in _HEADERS:
        raise _Unreadable(f"{name} has the format version {version}; expected (1, 0) or (2, 0)")
    try:
        return _HEADERS[version](member)
    except _HEADER_ERRORS as error:
        # NumPy parses a header as Python code and does not catch all errors of the parser.
        raise _Unreadable(f"{name} has no valid array header ({type(error).__name__})") from error


def _kind(kind: np.dtype[Any]) -> str:
    return "structured" if kind.names else str(kind)
