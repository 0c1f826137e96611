"""The members of Lambda's requests that are carried out, or change nothing on one machine.

Stored and given back without an effect: tracing (there is no X-Ray), the size of /tmp (a process
has the laptop's disk) and SnapStart's None. Every other member is refused by name.
"""

from collections.abc import Mapping
from typing import Any

from local_aws.awslambda.runtime_site import RuntimeMissing, check_client
from local_aws.awslambda.worker import architecture, runtime_name
from local_aws.errors import InvalidParameterValue, not_reproduced
from local_aws.rules import ANY, Rule, check_members

_NOTHING = "None"
_CODE: Mapping[str, Rule] = {
    "ZipFile": ANY,
    "S3Bucket": ANY,
    "S3Key": ANY,
    "S3ObjectVersion": ANY,
}
_CONFIGURATION: Mapping[str, Rule] = {
    "FunctionName": ANY,
    "Role": ANY,
    "Handler": ANY,
    "Description": ANY,
    "Timeout": ANY,
    "MemorySize": ANY,
    "Runtime": ANY,  # checked against this machine
    "Environment": ANY,
    "TracingConfig": ANY,
    "EphemeralStorage": ANY,
    "SnapStart": {"ApplyOn": (_NOTHING,)},
    "LoggingConfig": {
        "LogFormat": ANY,
        "LogGroup": ANY,
        "ApplicationLogLevel": ANY,
        "SystemLogLevel": ("INFO",),
    },
    # What they hold can be empty, which asks for nothing.
    "VpcConfig": {"Ipv6AllowedForDualStack": (False,)},
    "DeadLetterConfig": {},
}
_ALLOWED: dict[str, Mapping[str, Rule]] = {
    "CreateFunction": {
        **_CONFIGURATION,
        "Code": _CODE,
        "PackageType": ("Zip",),
        "Architectures": ANY,
        "Tags": ANY,
        "Publish": ANY,
    },
    "UpdateFunctionConfiguration": {**_CONFIGURATION, "RevisionId": ANY},
    "UpdateFunctionCode": {
        **_CODE,
        "FunctionName": ANY,
        "Architectures": ANY,
        "Publish": ANY,
        "DryRun": ANY,
        "RevisionId": ANY,
    },
    "CreateAlias": {
        "FunctionName": ANY,
        "Name": ANY,
        "FunctionVersion": ANY,
        "Description": ANY,
        "RoutingConfig": {},
    },
    "UpdateAlias": {
        "FunctionName": ANY,
        "Name": ANY,
        "FunctionVersion": ANY,
        "Description": ANY,
        "RoutingConfig": {},
        "RevisionId": ANY,
    },
    "PublishVersion": dict.fromkeys(("FunctionName", "CodeSha256", "Description", "RevisionId")),
    "AddPermission": dict.fromkeys(
        (
            *("FunctionName", "Qualifier", "StatementId", "Action", "Principal"),
            *("SourceArn", "SourceAccount", "RevisionId"),
        )
    ),
    "ListFunctions": dict.fromkeys(("FunctionVersion", "Marker", "MaxItems")),
    "Invoke": dict.fromkeys(
        (
            *("FunctionName", "Qualifier", "InvocationType", "LogType", "ClientContext"),
            "Payload",
        )
    ),
}


def check_allowed(operation: str, request: Mapping[str, Any]) -> None:
    """Raise ValidationError naming the first member that the local Lambda does not carry out."""
    if operation in _ALLOWED:
        check_members(request, _ALLOWED[operation], operation, "")


def check_machine(request: Mapping[str, Any]) -> None:
    """Raise unless this machine, without Docker, can run what a request asks for."""
    try:
        check_client()
    except RuntimeMissing as error:
        raise InvalidParameterValue(str(error)) from error
    runtime = request.get("Runtime")
    if runtime is not None and runtime != runtime_name():
        raise not_reproduced(
            f"the runtime {runtime}: functions run under the Python of the local AWS, which is "
            f"{runtime_name()}"
        )
    architectures = request.get("Architectures") or [architecture()]
    if len(architectures) != 1:
        raise InvalidParameterValue(
            f"Architectures has {len(architectures)} members; expected one."
        )
    if architectures != [architecture()]:
        raise not_reproduced(
            f"the architecture {architectures[0]}: functions run on this machine, which is "
            f"{architecture()}"
        )
