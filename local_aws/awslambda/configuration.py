"""The configuration of a function: made from a request, checked, and returned."""

import re
from typing import Any

from local_aws.awslambda.code import Code
from local_aws.awslambda.errors import InvalidParameterValue
from local_aws.awslambda.execution.workers import architecture
from local_aws.awslambda.names import LATEST, Place
from local_aws.awslambda.records import Configuration, revision
from local_aws.cloud import may_assume
from local_aws.records import moment
from local_aws.settings import Settings

_MAX_SECONDS, _MAX_MEGABYTES, _MAX_VARIABLE_BYTES = 900, 10_240, 4096
_RESERVED = re.compile(
    r"_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_SESSION_TOKEN"
    r"|AWS_(ACCESS_KEY(_ID)?|SECRET_(ACCESS_)?KEY)|LAMBDA_(TASK_ROOT|RUNTIME_DIR)"
    r"|AWS_LAMBDA_(FUNCTION_(NAME|VERSION|MEMORY_SIZE)|INITIALIZATION_TYPE|RUNTIME_API"
    r"|LOG_(GROUP|STREAM)_NAME|MAX_CONCURRENCY)"
)
_MEMBERS = (
    "Role", "Handler", "Description", "Timeout", "MemorySize", "Runtime", "Environment",
    "TracingConfig", "EphemeralStorage",
)  # fmt: skip


def new(request: dict[str, Any], place: Place) -> Configuration:
    """Return the configuration of a new function without its code, with AWS's defaults."""
    name = request["FunctionName"]
    configuration = {
        "FunctionName": name,
        "FunctionArn": place.arn(name),
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "Version": LATEST,
        "TracingConfig": {"Mode": "PassThrough"},
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "PackageType": "Zip",
        "Architectures": [architecture()],
    }
    return changed(configuration, request)


def changed(configuration: Configuration, request: dict[str, Any]) -> Configuration:
    """Return a configuration with the changes of a request."""
    changes = {name: request[name] for name in _MEMBERS if request.get(name) is not None}
    result = configuration | changes
    if not result.get("Environment", {}).get("Variables"):
        result.pop("Environment", None)
    result["LoggingConfig"] = _logging(result, request.get("LoggingConfig") or {})
    return result | {"LastModified": moment(), "RevisionId": revision()}


def of_code(code: Code) -> Configuration:
    """Return the part of a configuration that describes its code."""
    return {
        "CodeSize": code.size,
        "CodeSha256": code.sha256,
        "LastModified": moment(),
        "RevisionId": revision(),
    }


def _logging(configuration: Configuration, changes: dict[str, Any]) -> dict[str, Any]:
    result = {
        "LogFormat": "Text",
        "LogGroup": f"/aws/lambda/{configuration['FunctionName']}",
        **configuration.get("LoggingConfig", {}),
        **{name: value for name, value in changes.items() if value},
    }
    if result["LogFormat"] == "JSON":
        return {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **result}
    if changes.get("ApplicationLogLevel") or changes.get("SystemLogLevel"):
        raise InvalidParameterValue("Log levels can be set with the LogFormat JSON only.")
    return {name: result[name] for name in ("LogFormat", "LogGroup")}


def check(configuration: Configuration, settings: Settings, region: str) -> None:
    """Raise InvalidParameterValue unless Lambda accepts the values and may assume the role."""
    if not configuration.get("Runtime") or not configuration.get("Handler"):
        raise InvalidParameterValue(
            "Runtime and Handler are mandatory parameters for functions created with deployment "
            "packages."
        )
    _check_limit("Timeout", configuration["Timeout"], _MAX_SECONDS)
    _check_limit("MemorySize", configuration["MemorySize"], _MAX_MEGABYTES)
    size = configuration["EphemeralStorage"]["Size"]
    _check_limit("EphemeralStorage.Size", size, _MAX_MEGABYTES)
    _check_variables(configuration.get("Environment", {}).get("Variables", {}))
    if not may_assume(settings, region, configuration["Role"], "lambda.amazonaws.com"):
        raise InvalidParameterValue(
            "The role defined for the function cannot be assumed by Lambda."
        )


def _check_limit(name: str, value: int, limit: int) -> None:
    if value > limit:
        raise InvalidParameterValue(
            f"Value '{value}' at '{name[0].lower()}{name[1:]}' failed to satisfy constraint: "
            f"Member must have value less than or equal to {limit}"
        )


def _check_variables(variables: dict[str, str]) -> None:
    start = (
        "Lambda was unable to configure your environment variables because the environment "
        "variables you have provided "
    )
    reserved = sorted(name for name in variables if _RESERVED.fullmatch(name))
    if reserved:
        raise InvalidParameterValue(
            f"{start}contains reserved keys that are currently not supported for modification. "
            f"Reserved keys used in this request: {', '.join(reserved)}"
        )
    size = sum(len(f"{name}{value}".encode()) for name, value in variables.items())
    if size > _MAX_VARIABLE_BYTES:
        raise InvalidParameterValue(
            f"{start}exceeded the 4KB limit. Together they have {size} bytes."
        )
