"""Archives that no program writes: odd names, false sizes, extended headers, and damage."""

import gzip
import random
import tarfile
from collections.abc import Mapping

NAMES = (
    *("model.json", "code/serve.py", "1/variables/a", "./x", "x", "x/y", "x/y/z", "dir/", "ä" * 40),
    *(
        "",
        ".",
        "..",
        "../outside",
        "/outside",
        "a/../../outside",
        "a\0b",
        "n" * 300,
        "d/" * 120 + "f",
    ),
    *("\udcff", "-rf", "C:\\x", "x/./y", "//x", "model.json/inside", ("n" * 200 + "/") * 30 + "f"),
)
SIZES = (-1, -512, -1024, -(2**62), 1, 511, 513, 2**31, 8**11 - 1, 8**11, 2**62)
TYPES = b"0\x001234567LKxgXSNVMD?"
KEYS = ("path", "linkpath", "size", "GNU.sparse.major", "GNU.sparse.map", "mtime", "hdrcharset", "")


def header(name: str, kind: bytes = b"0", size: int = 0, target: str = "") -> bytes:
    """Return the header block of a member with any size, and with a correct checksum."""
    block = bytearray(tarfile.BLOCKSIZE)
    raw = name.encode("utf-8", "surrogateescape")[:100]
    block[: len(raw)] = raw
    block[100:124] = b"0000644\x000000000\x000000000\x00"
    plain = 0 <= size < 8**11
    block[124:136] = b"%011o\x00" % size if plain else _binary(size)
    block[136:148] = b"00000000000\x00"
    block[156:157] = kind
    raw = target.encode("utf-8", "surrogateescape")[:100]
    block[157 : 157 + len(raw)] = raw
    block[257:265] = b"ustar\x0000"
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\x00 " % sum(block)
    return bytes(block)


def _binary(size: int) -> bytes:
    """Return a size as the twelve bytes that GNU tar writes if octal digits are not enough."""
    return (b"\xff" if size < 0 else b"\x80") + size.to_bytes(11, "big", signed=True)


def padded(content: bytes) -> bytes:
    """Return a content that fills its last block."""
    return content + bytes(-len(content) % tarfile.BLOCKSIZE)


def file(name: str, content: bytes) -> bytes:
    """Return the blocks of a file."""
    return header(name, size=len(content)) + padded(content)


def extended(records: Mapping[str, str], kind: bytes = b"x") -> bytes:
    """Return the blocks of an extended header with records."""
    content = b"".join(record(key, value) for key, value in records.items())
    return header("pax", kind, len(content)) + padded(content)


def record(key: str, value: str) -> bytes:
    """Return a record with its own length in front."""
    rest = f" {key}={value}\n".encode("utf-8", "surrogateescape")
    length = len(rest) + 1
    while length != len(rest) + len(str(length)):
        length = len(rest) + len(str(length))
    return str(length).encode() + rest


def whole(*members: bytes) -> bytes:
    """Return a tar.gz of the blocks of members."""
    return gzip.compress(b"".join(members) + bytes(2 * tarfile.BLOCKSIZE), 1, mtime=0)


def generated(rng: random.Random) -> bytes:
    """Return an archive: most of them are refused, and some are honest."""
    odd = rng.random() < 0.8
    tar = b"".join(_member(rng, odd) for _ in range(rng.randrange(5)))
    tar += bytes(rng.choice((0, 512, 1024, 10240)) if odd else 1024)
    if odd and rng.random() < 0.3:
        tar = _damaged(rng, tar)
    data = gzip.compress(tar, 1, mtime=0)
    if rng.random() < 0.3:
        data = _damaged(rng, data)
    if rng.random() < 0.1:
        data += rng.choice((bytes(7), b"garbage", gzip.compress(b""), gzip.compress(tar), data[:9]))
    return data


def _member(rng: random.Random, odd: bool) -> bytes:
    content = rng.randbytes(1) * rng.choice((0, 1, 511, 512, 513, 3000))
    if not odd:
        return file(rng.choice(NAMES[:6]), content)
    blocks = b""
    if rng.random() < 0.3:
        values = (*NAMES, *map(str, SIZES), "1" * rng.choice((5, 5000)))
        keys = rng.sample(KEYS, rng.randrange(4))
        kind = rng.choice((b"x", b"x", b"g"))
        blocks += extended({key: rng.choice(values) for key in keys}, kind)
    if rng.random() < 0.2:
        name = rng.choice(NAMES).encode("utf-8", "surrogateescape") + b"\0"
        blocks += header("long", rng.choice((b"L", b"K")), len(name)) + padded(name)
    kind = bytes([rng.choice(TYPES)]) if rng.random() < 0.4 else b"0"
    size = rng.choice(SIZES) if rng.random() < 0.2 else len(content)
    names = rng.choice(NAMES), rng.choice(NAMES)
    return blocks + header(names[0], kind, size, names[1]) + padded(content)


def _damaged(rng: random.Random, data: bytes) -> bytes:
    """Return data with its end cut off, a changed byte, or a part missing or repeated."""
    if not data:
        return data
    place, other = sorted((rng.randrange(len(data)), rng.randrange(len(data))))
    changes = (
        data[:place],
        data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :],
        data[:place] + data[other:],
        data[:other] + data[place:],
    )
    return rng.choice(changes)
