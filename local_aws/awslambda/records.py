"""The records of a function: versions, aliases, policies, and tags."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from local_aws.awslambda.code import Code
from local_aws.awslambda.errors import PreconditionFailed
from local_aws.awslambda.execution.workers import Pool
from local_aws.monitoring.shares import Shares

Configuration = dict[str, Any]


@dataclass
class Version:
    """A configuration and a code that can be called; $LATEST is also a version."""

    configuration: Configuration
    code: Code
    pool: Pool
    published_from: Configuration = field(default_factory=dict)  # $LATEST at that time
    replaced: Configuration | None = None  # what calls still use while an update is in progress

    @property
    def in_effect(self) -> Configuration:
        """The configuration that calls use."""
        return self.configuration if self.replaced is None else self.replaced


@dataclass
class Function:
    """A function, changed under the lock of the functions."""

    name: str
    latest: Version
    tags: dict[str, str]
    versions: dict[str, Version] = field(default_factory=dict)  # published versions by number
    published: int = 0  # the newest number, including deleted versions
    aliases: dict[str, dict[str, Any]] = field(default_factory=dict)
    # Statements by qualifier; None is the function itself.
    policies: dict[str | None, list[dict[str, Any]]] = field(default_factory=dict)
    # How asynchronous calls are retried, by qualifier.
    event_invoke: dict[str, Configuration] = field(default_factory=dict)
    shares: Shares = field(default_factory=Shares)  # of the calls of weighted aliases

    def routed(self, qualifier: str | None) -> str | None:
        """Return the other version if the next call of a weighted alias is for it."""
        for version, weight in self._weights(qualifier or "").items():
            if self.shares.choose((qualifier, version), weight):
                return str(version)
        return qualifier

    def versions_of(self, alias: str) -> set[str]:
        """Return the versions that an alias sends calls to."""
        return {self.aliases[alias]["FunctionVersion"], *self._weights(alias)}

    def _weights(self, alias: str) -> dict[str, float]:
        routing = self.aliases.get(alias, {}).get("RoutingConfig", {})
        return dict(routing.get("AdditionalVersionWeights", {}))

    def all_versions(self) -> list[Version]:
        """Return $LATEST and the published versions."""
        return [self.latest, *self.versions.values()]


def revision() -> str:
    """Return a new revision id."""
    return str(uuid.uuid4())


def check_revision(expected: str | None, current: str) -> None:
    """Raise PreconditionFailed if a request expects another revision than the current one."""
    if expected is not None and expected != current:
        raise PreconditionFailed(
            "The Revision Id provided does not match the latest Revision Id. Call the "
            "GetFunction/GetAlias API to retrieve the latest Revision Id"
        )
