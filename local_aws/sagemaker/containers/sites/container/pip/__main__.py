"""`python -m pip install -r requirements.txt` as the launchers call it inside a container.

A real container would fetch the requirements. Here they are checked against what the laptop has
installed at its pinned versions: satisfied ones become importable, others end the job as a failed
installation does.
"""

import os
import re
import shlex
import sys
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement


def requirements_of(path: Path) -> list[Requirement]:
    """Parse a requirements file; raise InvalidRequirement naming the line."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.partition(" #")[0].strip()
        if not text or text.startswith("#"):
            continue
        option = re.search(r"(?:^|\s)(--?[a-z][a-z-]*|\\$)", text)
        if option:
            raise InvalidRequirement(
                f"{path.name} line {number}: the local AWS does not reproduce {option[1]} of a "
                "requirements file"
            )
        try:
            found.append(Requirement(text))
        except InvalidRequirement as error:
            raise InvalidRequirement(f"{path.name} line {number}: {error}") from error
    return found


def closure(requirements: list[Requirement]) -> set[str]:
    """Return the projects that the requirements bring; raise LookupError for an unmet one."""
    seen: set[tuple[str, str]] = set()  # projects with one of their extras, "" for none
    waiting = [(requirement, "") for requirement in requirements]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        try:
            distribution = metadata.distribution(requirement.name)
        except metadata.PackageNotFoundError:
            raise LookupError(requirement, "none") from None
        if not requirement.specifier.contains(distribution.version, prereleases=True):
            raise LookupError(requirement, distribution.version)
        project = distribution.metadata["Name"]
        for wanted in {"", *requirement.extras}:
            if (project, wanted) not in seen:
                seen.add((project, wanted))
                waiting += [(Requirement(text), wanted) for text in distribution.requires or []]
    return {project for project, _ in seen}


def main(arguments: list[str]) -> int:
    """Check `install -r FILE`; anything else is refused."""
    if arguments[:2] != ["install", "-r"] or len(arguments) != 3:
        print(f"ERROR: the local AWS does not reproduce: pip {' '.join(arguments)}")
        return 1
    try:
        allowed = closure(requirements_of(Path(arguments[2])))
    except InvalidRequirement as error:
        print(f"ERROR: Invalid requirement: {error}")
        return 1
    except LookupError as error:
        requirement, has = error.args
        print(f"ERROR: No matching distribution found for {requirement} (this laptop has {has})")
        # The launcher's FailureReason has none of this, as on AWS: the log must say what to do.
        print(
            "ERROR: The local AWS installs nothing. Install it where the local AWS runs, and start "
            f"again: uv pip install --python {shlex.quote(sys.executable)} "
            f"{shlex.quote(str(requirement))}"
        )
        return 1
    installed = Path(os.environ["LOCAL_AWS_INSTALLED_FILE"])
    installed.write_text("\n".join(sorted(allowed)), encoding="utf-8")
    print("Requirements already satisfied: " + ", ".join(sorted(allowed)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
