"""Check a requirements file as `python -m pip install -r requirements.txt` in a container.

A real container downloads the requirements. The local AWS compares them with the packages that are
installed on this computer: matching packages become importable, and any other ends the job as a
failed installation does.
"""

import json
import os
import shlex
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from pip.requirements_file import RequirementsFile


def read_requirements(path: Path) -> RequirementsFile:
    """Parse a requirements file; raise InvalidRequirement with the line number if it is refused."""
    file = RequirementsFile(path)
    for line in file.lines if file.hashed else ():
        requirement = line.requirement
        pinned = [each.operator for each in requirement.specifier] in (["=="], ["==="])
        applies = requirement.marker is None or requirement.marker.evaluate()
        if applies and not line.constraint and not (pinned and line.hashes):
            raise InvalidRequirement(
                f"{line.where}: {requirement} needs a version pinned with == and a --hash, since "
                "another line of the file has one or --require-hashes"
            )
    return file


def _unlisted(projects: set[str], file: RequirementsFile) -> list[str]:
    """Return the projects that are neither in the image nor in the requirements file."""
    image = json.loads(Path(os.environ["LOCAL_AWS_IMAGE_FILE"]).read_text(encoding="utf-8"))
    missing = {canonicalize_name(project) for project in image["hidden"].values()}
    listed = {canonicalize_name(line.requirement.name) for line in file.lines}
    return sorted({canonicalize_name(project) for project in projects} & missing - listed)


def resolve(file: RequirementsFile) -> set[str]:
    """Return the required projects and their dependencies; raise LookupError for an unmet one."""
    seen: set[tuple[str, str]] = set()  # a project and one of its extras, "" for none
    pending = [(line.requirement, "") for line in file.lines if not line.constraint]
    constraints = [line.requirement for line in file.lines if line.constraint]
    while pending:
        requirement, extra = pending.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        try:
            distribution = metadata.distribution(requirement.name)
        except metadata.PackageNotFoundError:
            raise LookupError(requirement, "none") from None
        project = distribution.metadata["Name"]
        for limit in (requirement, *_about(project, constraints)):
            if not limit.specifier.contains(distribution.version, prereleases=True):
                raise LookupError(limit, distribution.version)
        for name in {"", *requirement.extras}:
            if (project, name) not in seen:
                seen.add((project, name))
                pending += [(Requirement(text), name) for text in distribution.requires or []]
    return {project for project, _ in seen}


def _about(project: str, constraints: list[Requirement]) -> list[Requirement]:
    """Return the constraints that apply to a project here."""
    name = canonicalize_name(project)
    named = [limit for limit in constraints if canonicalize_name(limit.name) == name]
    return [limit for limit in named if limit.marker is None or limit.marker.evaluate()]


def main(arguments: list[str]) -> int:
    """Check `install -r FILE`; reject any other command."""
    if arguments[:2] != ["install", "-r"] or len(arguments) != 3:
        print(f"ERROR: the local AWS does not reproduce: pip {' '.join(arguments)}")
        return 1
    try:
        file = read_requirements(Path(arguments[2]))
        projects = resolve(file)
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
    if file.hashed and (unlisted := _unlisted(projects, file)):
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
