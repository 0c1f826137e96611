"""Read an .npz file: a zip with one array per member and a manifest in JSON.

It uses only struct and zlib, since importing zipfile takes a tenth of a cold start. Its caller has
compared the sha256 of the file with that of the release, so checksums are not compared again.
"""

import io
import json
import struct
import zlib
from typing import Any

import numpy as np

from lambda_handler.errors import ModelError

MANIFEST = "manifest.json"
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_DEFLATED = 8
_MAGIC = b"\x93NUMPY\x01\x00"

Members = dict[str, np.ndarray]


def read_npz(content: bytes) -> tuple[dict[str, Any], Members]:
    """Return the manifest and the arrays of a file; raise ModelError if it is invalid."""
    try:
        members = _unzip(content)
        manifest = json.loads(members.pop(MANIFEST))
        arrays = {name.removesuffix(".npy"): _array(name, m) for name, m in members.items()}
    except KeyError:
        raise ModelError(f"the model file has no {MANIFEST}; train the model again") from None
    except (struct.error, zlib.error, ValueError, RecursionError) as error:
        raise ModelError(f"the model file is not a valid .npz file: {error}") from None
    if not isinstance(manifest, dict):
        raise ModelError(f"the model file's {MANIFEST} is not a JSON object")
    return manifest, arrays


def _unzip(content: bytes) -> dict[str, bytes]:
    """Return the members of a zip file by name; raise ValueError if it is not supported."""
    at = content.rfind(b"PK\x05\x06")
    if at < 0:
        raise ValueError("it does not end with the directory of a zip file")
    count, start = (_END.unpack_from(content, at)[index] for index in (4, 6))
    members: dict[str, bytes] = {}
    for _ in range(count):
        entry = _ENTRY.unpack_from(content, start)
        method, packed, size, lengths, local = entry[4], entry[8], entry[9], entry[10:13], entry[16]
        name = content[start + _ENTRY.size : start + _ENTRY.size + lengths[0]].decode()
        header = _LOCAL.unpack_from(content, local)
        first = local + _LOCAL.size + header[9] + header[10]
        data = content[first : first + packed]
        if method == _DEFLATED:
            data = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, size + 1)
        if len(data) != size:
            raise ValueError(f"its member {name!r} is incomplete or modified")
        members[name] = data
        start += _ENTRY.size + sum(lengths)
    return members


def _array(name: str, data: bytes) -> np.ndarray:
    """Return a read-only view of the array in the bytes of an .npy file (version 1)."""
    file = io.BytesIO(data)
    if file.read(len(_MAGIC)) != _MAGIC:
        raise ValueError(f"{name} is not an array")
    shape, in_columns, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.hasobject:
        raise ValueError(f"{name} holds objects, which numpy would unpickle")
    array = np.frombuffer(data, dtype, offset=file.tell())
    return array.reshape(shape, order="F") if in_columns else array.reshape(shape)
