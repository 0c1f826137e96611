"""The published versions of a function: the one that its alias serves, and the one before it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call
from scripts.account.command import say


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


def newest_version(aws: Aws, function: str) -> str:
    """Return the newest published version of a function, which is the one that its stack names."""
    return str(versions_of(aws, function)[-1]["Version"])


def check_not_rolled_back(aws: Aws, outputs: Mapping[str, str]) -> None:
    """Raise DeploymentError if an alias does not serve the version that its stack names.

    An alarm would return the calls to the version of the stack, which was left for a reason.
    """
    alias = live_alias(aws, outputs)
    newest = newest_version(aws, alias.function)
    if alias.version != newest:
        raise DeploymentError(
            f"function {alias.function} was rolled back to version {alias.version}, and an alarm "
            f"would return its calls to version {newest}, which its stack still names. First "
            "deploy the package that serves now, without --canary and --linear; status shows it"
        )


def serve(aws: Aws, outputs: Mapping[str, str], version: str) -> None:
    """Make an alias serve only a version, if it does not."""
    alias = live_alias(aws, outputs)
    if (alias.version, alias.incoming) != (version, ""):
        aws.make(alias.move_call(version))
        say(f"Function {alias.function} serves version {version} again.")
