"""The members of Lambda's requests that are reproduced; all others are refused by name.

Tracing (there is no X-Ray), the size of /tmp (a process uses the computer's disk), and SnapStart's
None are stored and returned without any effect.
"""

from collections.abc import Mapping
from typing import Any

from local_aws.awslambda.errors import InvalidParameterValue
from local_aws.awslambda.runtime_site import RuntimeMissing, check_client
from local_aws.awslambda.worker import architecture, runtime_name
from local_aws.errors import not_reproduced
from local_aws.rules import ANY, Rule

_NAMES = dict.fromkeys(("FunctionName", "Description"))
_CODE: Mapping[str, Rule] = dict.fromkeys(("ZipFile", "S3Bucket", "S3Key", "S3ObjectVersion"))
_CONFIGURATION: Mapping[str, Rule] = {
    **_NAMES,
    **dict.fromkeys(("Role", "Handler", "Timeout", "MemorySize", "Environment")),
    **dict.fromkeys(("TracingConfig", "EphemeralStorage")),
    "Runtime": ANY,  # compared with this computer by check_computer
    "SnapStart": {"ApplyOn": ("None",)},
    "LoggingConfig": {
        **dict.fromkeys(("LogFormat", "LogGroup", "ApplicationLogLevel")),
        "SystemLogLevel": ("INFO",),
    },
    # Their members may be empty, which has no effect.
    "VpcConfig": {"Ipv6AllowedForDualStack": (False,)},
    "DeadLetterConfig": {},
}
_ALIAS: Mapping[str, Rule] = {
    **_NAMES,
    **dict.fromkeys(("Name", "FunctionVersion", "RevisionId")),
    "RoutingConfig": {"AdditionalVersionWeights": ANY},
}
RULES: dict[str, Mapping[str, Rule]] = {
    "CreateFunction": {
        **_CONFIGURATION,
        "Code": _CODE,
        "PackageType": ("Zip",),
        **dict.fromkeys(("Architectures", "Tags", "Publish")),
    },
    "UpdateFunctionConfiguration": {**_CONFIGURATION, "RevisionId": ANY},
    "UpdateFunctionCode": {
        **_CODE,
        **dict.fromkeys(("FunctionName", "Architectures", "Publish", "DryRun", "RevisionId")),
    },
    "CreateAlias": _ALIAS,
    "UpdateAlias": _ALIAS,
    "PublishVersion": {**_NAMES, **dict.fromkeys(("CodeSha256", "RevisionId"))},
    "AddPermission": dict.fromkeys(
        ("FunctionName", "Qualifier", "StatementId", "Action", "Principal", "SourceArn",
         "SourceAccount", "RevisionId")
    ),
    "ListFunctions": dict.fromkeys(("FunctionVersion", "Marker", "MaxItems")),
    "Invoke": dict.fromkeys(
        ("FunctionName", "Qualifier", "InvocationType", "LogType", "ClientContext", "Payload")
    ),
}  # fmt: skip


def check_computer(request: Mapping[str, Any]) -> None:
    """Raise an error unless this computer, without Docker, can run the requested function."""
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
            f"the architecture {architectures[0]}: functions run on this computer, which is "
            f"{architecture()}"
        )
