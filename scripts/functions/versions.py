"""The published versions of a function: the one that its alias serves, and the one before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.releases.smoke import Smoke, ask_function


@dataclass(frozen=True)
class LiveAlias:
    """An alias by the outputs of its stack, and the version that it serves.

    `incoming` is the version to which a release is moving its calls, "" for none.
    """

    function: str
    name: str
    version: str
    incoming: str = ""

    def move_call(self, version: str) -> Call:
        """Return the call after which the alias serves only a version."""
        names = {"FunctionName": self.function, "Name": self.name}
        only = {"FunctionVersion": version, "RoutingConfig": {"AdditionalVersionWeights": {}}}
        return Call("lambda", "update_alias", names | only)


def live_alias(aws: Aws, outputs: Mapping[str, str]) -> LiveAlias:
    """Return the alias of a function's stack."""
    function, name = outputs["FunctionName"], outputs["FunctionAlias"].rpartition(":")[2]
    query = {"FunctionName": function, "Name": name}
    alias = aws.make(Call("lambda", "get_alias", query))
    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return LiveAlias(function, name, alias["FunctionVersion"], "".join(weights))


def versions_of(aws: Aws, function: str) -> list[dict[str, Any]]:
    """Return the configurations of the published versions of a function, oldest first."""
    pages = aws.pages("lambda", "list_versions_by_function", "Versions", FunctionName=function)
    published = [each for each in pages if each["Version"].isdecimal()]
    return sorted(published, key=lambda each: int(each["Version"]))


def previous_version(aws: Aws, alias: LiveAlias, deployed: str) -> str:
    """Return the version before the live one; raise DeploymentError if there is none.

    `deployed` are the flags that name the function in a suggested command.
    """
    numbers = [int(each["Version"]) for each in versions_of(aws, alias.function)]
    earlier = [number for number in numbers if number < int(alias.version)]
    if not earlier:
        raise DeploymentError(
            f"function {alias.function} has no version before {alias.version}, so there is no "
            f"previous release. Deploy another package with: python -m scripts.deploy {deployed} "
            "--package ARN"
        )
    return str(max(earlier))


def check_newest(aws: Aws, outputs: Mapping[str, str], smoke: Smoke, before: str | None) -> None:
    """Ask the newest version, and make it live if a rollback had left it.

    If it fails, return the alias to the version `before`, and raise DeploymentError.
    """
    alias = live_alias(aws, outputs)
    newest = versions_of(aws, alias.function)[-1]["Version"]
    try:
        ask_function(aws, alias.function, newest, smoke)
    except BaseException:
        if before is not None and before != newest:
            aws.make(alias.move_call(before))
            say(f"Function {alias.function} serves version {before} again.")
        raise
    if alias.version != newest:
        aws.make(alias.move_call(newest))
