"""Read an .npz file: a zip with one array per member and a manifest in JSON.

It uses only struct and zlib, since importing zipfile takes a tenth of a cold start. It checks sizes
before it allocates memory, and refuses arrays of objects, which numpy would unpickle.
"""

import json
import re
import struct
import zlib
from typing import Any

import numpy as np

from lambda_handler.errors import ModelError

MANIFEST = "manifest.json"
_MAX_BYTES = 256 * 1024 * 1024  # of all members together, decompressed
_MAX_MEMBERS = 64
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_HEADER = re.compile(
    rb"\{'descr': '([<|][a-z][0-9]{1,2})', 'fortran_order': False, "
    rb"'shape': \(((?:[0-9]{1,10}, ?)*[0-9]{0,10})\), \} *\n"
)
_TYPES = ("|i1", "|u1", "<u2", "<u4", "<u8", "<i2", "<i4", "<i8", "<f2", "<f4", "<f8")

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
    at = content.rfind(b"PK\x05\x06", -_END.size - 65536)
    if at < 0:
        raise ValueError("it does not end with the directory of a zip file")
    count, start = (_END.unpack_from(content, at)[index] for index in (4, 6))
    if count > _MAX_MEMBERS:
        raise ValueError(f"it has {count} members; expected at most {_MAX_MEMBERS}")
    members: dict[str, bytes] = {}
    room = _MAX_BYTES
    for _ in range(count):
        entry = _ENTRY.unpack_from(content, start)
        packed, size, lengths, local = entry[8], entry[9], entry[10:13], entry[16]
        if entry[0] != b"PK\x01\x02":
            raise ValueError("its directory is corrupt")
        name = content[start + _ENTRY.size :][: lengths[0]].decode()
        room -= size
        if room < 0 or packed > len(content):
            raise ValueError(f"its members have more than {_MAX_BYTES} bytes")
        if name in members:
            raise ValueError(f"it has two members {name!r}")
        members[name] = _member(content, local, (entry[4], packed, size, entry[7]))
        start += _ENTRY.size + sum(lengths)
    return members


def _member(content: bytes, local: int, about: tuple[int, int, int, int]) -> bytes:
    """Return the bytes of one member; `about` is its method, packed size, size and checksum."""
    method, packed, size, checksum = about
    header = _LOCAL.unpack_from(content, local)
    start = local + _LOCAL.size + header[9] + header[10]
    data = content[start : start + packed]
    if header[0] != b"PK\x03\x04" or method not in (_STORED, _DEFLATED):
        raise ValueError("a member is corrupt, or its compression method is not supported")
    if method == _DEFLATED:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        data = unpacker.decompress(data, size + 1)
    if len(data) != size or zlib.crc32(data) != checksum:
        raise ValueError("a member is incomplete or modified")
    return data


def _array(name: str, data: bytes) -> np.ndarray:
    """Return a read-only view of the array in the bytes of an .npy file (version 1)."""
    length = int.from_bytes(data[8:10], "little")
    header = _HEADER.fullmatch(data[10 : 10 + length])
    if data[:8] != b"\x93NUMPY\x01\x00" or header is None:
        raise ModelError(f"the model file's {name} is not a plain array")
    kind = header[1].decode()
    if kind not in _TYPES:
        raise ModelError(f"the model file's {name} holds {kind}; expected {', '.join(_TYPES)}")
    shape = tuple(int(part) for part in header[2].decode().split(",") if part.strip())
    dtype, count = np.dtype(kind), 1
    for extent in shape:
        count *= extent
    if len(data) != 10 + length + count * dtype.itemsize:
        raise ModelError(f"the model file's {name} does not have the size in its header")
    return np.frombuffer(data, dtype, count, 10 + length).reshape(shape)
