"""The operations of Lambda's API, by name."""

from collections.abc import Callable
from typing import Any

from local_aws.awslambda.operations import aliases, functions, limits, permissions, versions
from local_aws.awslambda.service import Functions

Operation = Callable[[Functions, dict[str, Any]], dict[str, Any]]
OPERATIONS: dict[str, Operation] = {
    **functions.OPERATIONS,
    **versions.OPERATIONS,
    **aliases.OPERATIONS,
    **permissions.OPERATIONS,
    **limits.OPERATIONS,
}
