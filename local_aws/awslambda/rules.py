"""The members of Lambda's requests that are reproduced; all others are refused by name.

Tracing (there is no X-Ray), the size of /tmp (a process uses the computer's disk), and SnapStart's
None are stored and returned without any effect.
"""

from collections.abc import Mapping
from typing import Any

from local_aws.awslambda.errors import InvalidParameterValue
from local_aws.awslambda.execution.runtime_site import (
    RuntimeMissing,
    check_client,
    find_python,
    runtime_name,
)
from local_aws.awslambda.execution.workers import architecture
from local_aws.errors import not_reproduced
from local_aws.rules import ANY, Rule, free

_NAMES = free("FunctionName", "Description")
_CODE: Mapping[str, Rule] = free("ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion")
_CONFIGURATION: Mapping[str, Rule] = {
    **_NAMES,
    **free("Role", "Handler", "Timeout", "MemorySize", "Environment"),
    **free("TracingConfig", "EphemeralStorage"),
    "Runtime": ANY,  # check_computer finds its Python
    "SnapStart": {"ApplyOn": ("None",)},
    "LoggingConfig": {
        **free("LogFormat", "LogGroup", "ApplicationLogLevel"),
        "SystemLogLevel": ("INFO",),
    },
    # Their members may be empty, which has no effect.
    "VpcConfig": {"Ipv6AllowedForDualStack": (False,)},
    "DeadLetterConfig": {},
}
_ALIAS: Mapping[str, Rule] = {
    **_NAMES,
    **free("Name", "FunctionVersion", "RevisionId"),
    "RoutingConfig": {"AdditionalVersionWeights": ANY},
}
RULES: dict[str, Mapping[str, Rule]] = {
    "CreateFunction": {
        **_CONFIGURATION,
        "Code": _CODE,
        "PackageType": ("Zip",),
        **free("Architectures", "Tags", "Publish"),
    },
    "UpdateFunctionConfiguration": {**_CONFIGURATION, "RevisionId": ANY},
    "UpdateFunctionCode": {
        **_CODE,
        **free("FunctionName", "Architectures", "Publish", "RevisionId"),
    },
    "CreateAlias": _ALIAS,
    "UpdateAlias": _ALIAS,
    "PublishVersion": {**_NAMES, **free("CodeSha256", "RevisionId")},
    "AddPermission": {
        **free("FunctionName", "Qualifier", "StatementId", "Action", "Principal", "SourceArn"),
        **free("SourceAccount", "RevisionId"),
    },
    "PutFunctionEventInvokeConfig": {
        **free("FunctionName", "Qualifier"),
        **free("MaximumRetryAttempts", "MaximumEventAgeInSeconds"),
        "DestinationConfig": {"OnSuccess": {}, "OnFailure": {}},
    },
    "ListFunctions": free("FunctionVersion", "Marker", "MaxItems"),
    "Invoke": {**free("FunctionName", "Qualifier", "InvocationType", "LogType", "Payload")},
}


def check_computer(request: Mapping[str, Any]) -> None:
    """Raise an error unless this computer, without Docker, can run the requested function."""
    try:
        check_client()
    except RuntimeMissing as error:
        raise InvalidParameterValue(str(error)) from error
    runtime = request.get("Runtime") or runtime_name()
    try:
        find_python(runtime)
    except RuntimeMissing as error:
        raise not_reproduced(f"the runtime {runtime}: {error}") from error
    architectures = request.get("Architectures") or [architecture()]
    if architectures != [architecture()]:
        raise not_reproduced(
            f"the architecture {architectures[0]}: functions run on this computer, which is "
            f"{architecture()}"
        )
