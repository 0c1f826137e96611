"""The members of a tar archive, read once from front to back.

tarfile believes what an archive says. Before Python 3.11.14 and 3.12.12, a negative size makes it
read an archive forever, and a damaged header counts as the end of the archive, so the members after
it are missing without an error. Here, every header must be intact and consistent.
"""

import tarfile
from collections.abc import Iterator
from typing import Protocol

_BLOCK = tarfile.BLOCKSIZE
_CHUNK = 256 * 1024  # bytes
_FILES = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_OTHERS = (tarfile.DIRTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE)
_DEVICES = (tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE)
_LONG_NAMES = {tarfile.GNUTYPE_LONGNAME: "path", tarfile.GNUTYPE_LONGLINK: "linkpath"}
_RECORDS = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE, tarfile.XGLTYPE)
_USED = ("path", "linkpath", "size")  # the records that say what a member is
_MAX_EXTENSION = 64 * 1024  # bytes; Linux's longest path has 4,096
_MAX_EXTENSIONS = 4  # before one member: two long names and two kinds of records
_MAX_OCTAL = 8**11  # sizes from here on do not fit into a plain header


class Stream(Protocol):
    """What members are read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, and none at the end."""


class DamagedArchive(Exception):
    """The archive is not what a program wrote."""


class RefusedMember(Exception):
    """The archive contains a member that is not accepted."""


def read_members(stream: Stream) -> Iterator[tuple[tarfile.TarInfo, Iterator[bytes]]]:
    """Yield each member and the chunks of its content; chunks that are not read are skipped.

    Raise DamagedArchive or RefusedMember. Bytes behind the end-of-archive mark are not read.
    """
    extensions = 0
    records: dict[str, str] = {}
    block = stream.read(_BLOCK)
    if not block:
        raise DamagedArchive("it is empty")
    while block.strip(b"\0"):
        header = _parse_header(block)
        if header.type in _RECORDS or header.type in _LONG_NAMES:
            extensions += 1
            if extensions > _MAX_EXTENSIONS:
                raise DamagedArchive(f"more than {_MAX_EXTENSIONS} extended headers in a row")
            added = _read_extension(stream, header)
            if twice := records.keys() & added.keys():
                raise DamagedArchive(f"two extended headers set {min(twice)!r}")
            records |= added
        else:
            member = _complete(header, records)
            extensions, records = 0, {}
            content = _read_content(stream, member.size)
            yield member, content
            for _ in content:
                pass
        block = stream.read(_BLOCK)
    if extensions or len(block) not in (0, _BLOCK):  # the end mark may be missing, as in tar
        raise DamagedArchive("it ends inside a member")


def _parse_header(block: bytes) -> tarfile.TarInfo:
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as error:
        raise DamagedArchive(f"a header of a member is damaged ({error})") from error
    if header.size < 0:
        raise DamagedArchive(f"{header.name!r} has the size {header.size}")
    return header


def _read_extension(stream: Stream, header: tarfile.TarInfo) -> dict[str, str]:
    if header.size > _MAX_EXTENSION:
        raise DamagedArchive(f"an extended header has {header.size} bytes")
    content = b"".join(_read_content(stream, header.size))
    if header.type in _LONG_NAMES:
        return {_LONG_NAMES[header.type]: _text(content.partition(b"\0")[0])}
    records = dict(_parse_records(content))
    if any(key.startswith("GNU.sparse.") for key in records):
        raise RefusedMember("a sparse file; pack it again without the option --sparse")
    used = {key: value for key, value in records.items() if key in _USED}
    if used and header.type == tarfile.XGLTYPE:
        raise RefusedMember(f"the record {min(used)!r} for all of its members")
    return used


def _parse_records(content: bytes) -> Iterator[tuple[str, str]]:
    r"""Yield the keys and values of records such as b"19 path=model.json\n"."""
    start = 0
    while start < len(content):
        space = content.find(b" ", start, start + 8)
        digits = content[start : max(space, start)]
        end = start + int(digits) if digits.isdigit() else 0
        key, equals, value = content[space + 1 : end].partition(b"=")
        if not (space < end <= len(content) and key and equals and value.endswith(b"\n")):
            raise DamagedArchive("an extended header is damaged")
        yield _text(key), _text(value[:-1])
        start = end


def _complete(header: tarfile.TarInfo, records: dict[str, str]) -> tarfile.TarInfo:
    """Apply the records of extended headers to a header; refuse it unless it is consistent."""
    header.name = records.get("path", header.name)
    header.linkname = records.get("linkpath", header.linkname)
    if "size" in records:
        text = records["size"]
        size = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
        if size < 0 or (size < _MAX_OCTAL and header.size not in (0, size)):
            raise DamagedArchive(f"{header.name!r} has the sizes {header.size} and {text[:20]}")
        header.size = size
    if header.type not in (*_FILES, *_OTHERS, *_DEVICES):
        sparse = header.type == tarfile.GNUTYPE_SPARSE
        kind = "a sparse file" if sparse else f"a member of the unknown type {header.type!r}"
        raise RefusedMember(f"{kind}, {header.name!r}")
    if header.size and header.type not in _FILES:
        raise DamagedArchive(f"{header.name!r} is not a file and has the size {header.size}")
    return header


def _read_content(stream: Stream, size: int) -> Iterator[bytes]:
    """Yield the bytes of a content, and skip what fills its last block."""
    padding = -size % _BLOCK
    while size > 0:
        chunk = stream.read(min(size, _CHUNK))
        if not chunk:
            raise DamagedArchive("it ends inside a member")
        size -= len(chunk)
        yield chunk
    if len(stream.read(padding)) < padding:
        raise DamagedArchive("it ends inside a member")


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
