"""Read a requirements file as pip does: encodings, continuations, variables, options, and files.

pip has no public parser, so this one follows pip/_internal/req/req_file.py; tests compare the two.
"""

import argparse
import codecs
import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

_CODING = re.compile(rb"coding[:=]\s*([-\w.]+)")
_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
_OPTIONS = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
_OPTIONS.add_argument("-r", "--requirement", action="append", default=[])
_OPTIONS.add_argument("-c", "--constraint", action="append", default=[])
_OPTIONS.add_argument("--hash", action="append", default=[])
_OPTIONS.add_argument("--require-hashes", action="store_true")


@dataclass(frozen=True)
class Line:
    """A requirement or a constraint, where it is, and the hashes of its files."""

    where: str
    requirement: Requirement
    hashes: tuple[str, ...] = ()
    constraint: bool = False


class _RefusedLine(InvalidRequirement):
    """The error of a line, which the message names."""


class RequirementsFile:
    """The lines of a file and of the files that it names; `hashed` if every one needs a hash."""

    def __init__(self, path: Path) -> None:
        """Read the files; raise InvalidRequirement naming the line that is not accepted."""
        self.hashed = False
        self.lines = list(self._read(path.resolve(), constraint=False, parents=()))
        self.hashed = self.hashed or any(line.hashes for line in self.lines)

    def _read(self, path: Path, constraint: bool, parents: tuple[Path, ...]) -> Iterator[Line]:
        for number, text in logical_lines(_decode(path)):
            where = f"{path.name} line {number}"
            try:
                yield from self._parse(text, where, constraint, (*parents, path))
            except _RefusedLine:  # of a file that this one names
                raise
            except InvalidRequirement as error:
                raise _RefusedLine(f"{where}: {error}") from error

    def _parse(
        self, text: str, where: str, constraint: bool, parents: tuple[Path, ...]
    ) -> Iterator[Line]:
        requirement, words = _split(text)
        options = _parse_options(words)
        self.hashed = self.hashed or options.require_hashes
        if requirement:
            if options.requirement or options.constraint or options.require_hashes:
                raise InvalidRequirement(not_reproduced("an option behind a requirement"))
            parsed = _parse_requirement(requirement)
            if constraint and parsed.extras:
                raise InvalidRequirement("Constraints cannot have extras")
            yield Line(where, parsed, tuple(options.hash), constraint)
            return
        files = [*options.requirement, *options.constraint]
        if len(files) > 1:
            raise InvalidRequirement(not_reproduced("several files on one line"))
        for name in files:
            if "://" in name:
                raise InvalidRequirement(not_reproduced("the address of a file"))
            try:
                path = (parents[-1].parent / name).resolve()
            except (OSError, RuntimeError, ValueError) as error:  # a loop of links, or a NUL
                raise InvalidRequirement(f"could not open {name!r}: {error}") from error
            if path in parents:
                raise InvalidRequirement(f"{name} includes itself")
            yield from self._read(path, bool(options.constraint), parents)


def _decode(path: Path) -> str:
    """Return the text of a file in the encoding that its mark or its comment names."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidRequirement(f"could not open {path.name}: {error.strerror}") from error
    encoding = "utf-8-sig"
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        encoding = "utf-32"  # first, because it begins with the mark of UTF-16
    elif content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif not content.startswith(codecs.BOM_UTF8):
        comments = [line for line in content.split(b"\n")[:2] if line.startswith(b"#")]
        if match := next(filter(None, map(_CODING.search, comments)), None):
            encoding = match[1].decode("ascii", "replace")
    try:
        return content.decode(encoding)
    except (LookupError, UnicodeError) as error:
        raise InvalidRequirement(
            f"{path.name} is not {encoding.removesuffix('-sig')} text ({error}); save it as UTF-8"
        ) from error


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, joined, without comments, and with variables replaced."""
    parts: list[str] = []
    first = 1
    lines = text.splitlines()
    for number, line in enumerate(lines, start=1):
        if not parts:
            first = number
        comment = _COMMENT.match(line)
        if line.endswith("\\") and not comment:
            parts.append(line.strip("\\"))
            if number < len(lines):
                continue
        else:
            parts.append(f" {line}" if comment else line)
        joined = _COMMENT.sub("", "".join(parts)).strip()
        parts = []
        if joined:
            yield first, _VARIABLE.sub(lambda match: os.getenv(match[1]) or match[0], joined)


def _split(text: str) -> tuple[str, list[str]]:
    """Return the requirement of a line, and the words of its options."""
    words = text.split(" ")
    count = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
    try:
        return " ".join(words[:count]), shlex.split(" ".join(words[count:]))
    except ValueError as error:
        raise InvalidRequirement(f"{text!r} has an open quotation mark") from error


def _parse_options(words: list[str]) -> argparse.Namespace:
    try:
        options, others = _OPTIONS.parse_known_args(words)
    except argparse.ArgumentError as error:
        raise InvalidRequirement(str(error)) from error
    if others:
        raise InvalidRequirement(not_reproduced(others[0].partition("=")[0]))
    for digest in options.hash:
        if not _DIGEST.fullmatch(digest):
            raise InvalidRequirement(f"--hash={digest} is not a SHA-2 hash")
    return options


def _parse_requirement(text: str) -> Requirement:
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        if "/" in text:
            raise InvalidRequirement(not_reproduced("the address or path of a package")) from error
        raise
    if requirement.url:
        raise InvalidRequirement(not_reproduced("the address of a package"))
    return requirement


def not_reproduced(feature: str) -> str:
    """Return the message about a feature of pip that is refused by name."""
    return f"the local AWS does not reproduce {feature} in a requirements file"
