"""Check a requirements file as `python -m pip install -r requirements.txt` in a container.

A real container downloads the requirements. The local AWS compares them with the packages that are
installed on this computer: matching packages become importable, and any other ends the job as a
failed installation does.
"""

import json
import os
import re
import shlex
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

_HASH = re.compile(r"\s--hash[= ](\S+)")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")
_OPTION = re.compile(r"(?:^|\s)(--?[a-z][a-z-]*)")


def read_requirements(path: Path) -> tuple[list[Requirement], bool]:
    """Parse a requirements file; return its requirements, and whether they have hashes.

    Raise InvalidRequirement with the line number if pip or the local AWS rejects a line.
    """
    requirements, without_hash, hashed = [], [], False
    for number, text in _logical_lines(path.read_text(encoding="utf-8")):
        where = f"{path.name} line {number}"
        digests = _HASH.findall(text)
        text = _HASH.sub("", text)
        wrong = [digest for digest in digests if not _DIGEST.fullmatch(digest)]
        if wrong:
            raise InvalidRequirement(f"{where}: --hash={wrong[0]} is not a SHA-2 hash")
        if option := _OPTION.search(text):
            raise InvalidRequirement(
                f"{where}: the local AWS does not reproduce {option[1]} in a requirements file"
            )
        try:
            requirement = Requirement(text)
        except InvalidRequirement as error:
            raise InvalidRequirement(f"{where}: {error}") from error
        requirements.append(requirement)
        hashed = hashed or bool(digests)
        if not digests or not str(requirement.specifier).startswith("=="):
            without_hash.append(f"{where}: {requirement}")
    if hashed and without_hash:
        raise InvalidRequirement(
            f"{without_hash[0]} needs a version pinned with == and a --hash, since another "
            "requirement of the file has one"
        )
    return requirements, hashed


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line with its number, with continuation lines joined and comments removed."""
    parts: list[str] = []
    first = 1
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        if not parts:
            first = number
        continued = line.endswith("\\") and not line.lstrip().startswith("#")
        parts.append(re.sub(r"(^|\s)#.*$", "", line.removesuffix("\\") if continued else line))
        if not continued:
            joined = " ".join(parts).strip()
            parts = []
            if joined:
                yield first, joined


def _unlisted(projects: set[str], requirements: list[Requirement]) -> list[str]:
    """Return the projects that are neither in the image nor in the requirements file."""
    image = json.loads(Path(os.environ["LOCAL_AWS_IMAGE_FILE"]).read_text(encoding="utf-8"))
    missing = {canonicalize_name(project) for project in image["hidden"].values()}
    listed = {canonicalize_name(requirement.name) for requirement in requirements}
    return sorted({canonicalize_name(project) for project in projects} & missing - listed)


def resolve(requirements: list[Requirement]) -> set[str]:
    """Return the required projects and their dependencies; raise LookupError for an unmet one."""
    seen: set[tuple[str, str]] = set()  # a project and one of its extras, "" for none
    pending = [(requirement, "") for requirement in requirements]
    while pending:
        requirement, extra = pending.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        try:
            distribution = metadata.distribution(requirement.name)
        except metadata.PackageNotFoundError:
            raise LookupError(requirement, "none") from None
        if not requirement.specifier.contains(distribution.version, prereleases=True):
            raise LookupError(requirement, distribution.version)
        project = distribution.metadata["Name"]
        for name in {"", *requirement.extras}:
            if (project, name) not in seen:
                seen.add((project, name))
                pending += [(Requirement(text), name) for text in distribution.requires or []]
    return {project for project, _ in seen}


def main(arguments: list[str]) -> int:
    """Check `install -r FILE`; reject any other command."""
    if arguments[:2] != ["install", "-r"] or len(arguments) != 3:
        print(f"ERROR: the local AWS does not reproduce: pip {' '.join(arguments)}")
        return 1
    try:
        requirements, hashed = read_requirements(Path(arguments[2]))
        projects = resolve(requirements)
    except InvalidRequirement as error:
        print(f"ERROR: Invalid requirement: {error}")
        return 1
    except LookupError as error:
        requirement, version = error.args
        print(
            f"ERROR: No matching distribution found for {requirement} (this computer has {version})"
        )
        # On AWS too, the launcher's FailureReason omits all this, so the log must say what to do.
        print(
            "ERROR: The local AWS installs nothing. Install the package where the local AWS runs, "
            f"then start again: uv pip install --python {shlex.quote(sys.executable)} "
            f"{shlex.quote(str(requirement))}"
        )
        return 1
    if hashed and (unlisted := _unlisted(projects, requirements)):
        print(
            "ERROR: In --require-hashes mode, all requirements must have their versions pinned "
            f"with ==. These do not: {', '.join(unlisted)}"
        )
        return 1
    installed = Path(os.environ["LOCAL_AWS_INSTALLED_FILE"])
    installed.write_text("\n".join(sorted(projects)), encoding="utf-8")
    print("Requirements already satisfied: " + ", ".join(sorted(projects)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
