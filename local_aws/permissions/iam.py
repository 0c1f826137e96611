"""What moto's IAM lacks: the check of trust policies, and iam:SimulatePrincipalPolicy.

SDKs simulate the policies of a role before they create jobs and models. The rules are those by
which calls are checked, except that a simulation has no context: a condition holds only if it does
so for a missing key.
"""

import json
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.access_control import PermissionResult
from moto.iam.exceptions import InvalidInput, MalformedPolicyDocument, NotFoundException
from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse

from local_aws.paging import page
from local_aws.permissions.checks import decide, statements_of
from local_aws.permissions.conditions import is_fulfilled

_OPERATION = "SimulatePrincipalPolicy"
_MEMBERS = {"PolicySourceArn", "ActionNames", "ResourceArns", "MaxItems", "Marker"}
_PAGE = 100  # results, by default
_DECISIONS = {  # the most restrictive first
    PermissionResult.DENIED: "explicitDeny",
    PermissionResult.NEUTRAL: "implicitDeny",
    PermissionResult.PERMITTED: "allowed",
}
_CREATE_ROLE = IAMBackend.create_role


def complete_iam() -> None:
    """Add the operation to moto's IAM in this process, and the check of new roles."""
    response: Any = IamResponse
    response.simulate_principal_policy = _simulate_principal_policy
    backend: Any = IAMBackend
    backend.create_role = _create_role


def _simulate_principal_policy(self: Any) -> ActionResult:
    """Answer a request; `self` is moto's response with its parameters."""
    request = self._get_params()
    if others := request.keys() - _MEMBERS:
        raise NotImplementedError(f"{_OPERATION} with {', '.join(sorted(others))}")
    actions, resources = request["ActionNames"], request.get("ResourceArns", ["*"])
    _validate(actions, resources)
    statements = statements_of(_policies(self.backend, request["PolicySourceArn"]))
    results = [_result(statements, action, resources) for action in actions]
    keys = ("EvaluationResults", "Marker")
    size, token = int(request.get("MaxItems", _PAGE)), request.get("Marker", "0")
    answer = page(results, keys, token, size, InvalidInput(f"Invalid Marker: {token}"))
    return ActionResult({**answer, "IsTruncated": "Marker" in answer})


def _validate(actions: list[str], resources: list[str]) -> None:
    for action in actions:
        if ":" not in action or "*" in action:
            raise InvalidInput(
                f"Invalid action name: expected a service and an operation without wildcards, "
                f"such as iam:CreateUser, and found {action}"
            )
    if "*" in resources and len(resources) > 1:
        raise InvalidInput("You cannot include both * and individual resources")


def _policies(backend: Any, arn: str) -> list[Any]:
    """Return the policies of a user, group, or role, and those of a user's groups."""
    kind, _, path = arn.rpartition(":")[2].partition("/")
    find = {"user": backend.get_user, "group": backend.get_group, "role": backend.get_role}
    if kind not in find:
        raise InvalidInput(
            f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
        )
    name = path.rpartition("/")[2]
    entity = find[kind](name)
    if entity.arn != arn:
        raise NotFoundException(f"The {kind} with the ARN {arn} cannot be found.")
    if getattr(entity, "permissions_boundary_arn", None):
        raise NotImplementedError(f"{_OPERATION} for a {kind} with a permissions boundary")
    groups = backend.get_groups_for_user(name) if kind == "user" else []
    return [
        policy
        for each in (entity, *groups)
        for policy in (*each.policies.values(), *each.managed_policies.values())
    ]


def _result(statements: list[dict[str, Any]], action: str, resources: list[str]) -> dict[str, Any]:
    """Return the result of an action, of which the most restrictive resource decides."""
    conditions = [item for each in statements for item in each.get("Condition", {}).values()]
    missing = sorted({key for condition in conditions for key in condition})
    live = [each for each in statements if is_fulfilled(each, {}, strict=True)]
    decisions = [decide(live, action, resource) for resource in resources]
    result = {
        "EvalActionName": action,
        "EvalDecision": _DECISIONS[min(decisions, key=list(_DECISIONS).index)],
        "MissingContextValues": missing,
    }
    if resources != ["*"]:
        result["ResourceSpecificResults"] = [
            {
                "EvalResourceName": resource,
                "EvalResourceDecision": _DECISIONS[decision],
                "MissingContextValues": missing,
            }
            for resource, decision in zip(resources, decisions, strict=True)
        ]
    return result


def _create_role(self: Any, role_name: str, policy: str, *arguments: Any, **named: Any) -> Any:
    """Refuse a new role whose trust policy is not a policy document, which moto does not read."""
    try:
        document = json.loads(policy)
    except ValueError as error:
        raise MalformedPolicyDocument("This policy contains invalid Json") from error
    statements = document.get("Statement") if isinstance(document, dict) else None
    if not statements or not all(
        isinstance(each, dict)
        for each in (statements if isinstance(statements, list) else [statements])
    ):
        raise MalformedPolicyDocument("Syntax errors in policy.")
    return _CREATE_ROLE(self, role_name, policy, *arguments, **named)
