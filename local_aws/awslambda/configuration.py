"""The configuration of a function: what a request says of it, checked, and what is given back."""

import re
from typing import Any

from local_aws.awslambda.code import Code
from local_aws.awslambda.names import LATEST, Place
from local_aws.awslambda.records import Configuration, moment, revision
from local_aws.awslambda.worker import architecture
from local_aws.cloud import may_assume
from local_aws.errors import InvalidParameterValue
from local_aws.settings import Settings

_MOST_SECONDS, _MOST_MEGABYTES, _MOST_VARIABLE_BYTES = 900, 10_240, 4096
_STORAGE = range(512, 10_241)
_RESERVED = re.compile(
    r"_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_SESSION_TOKEN"
    r"|AWS_(ACCESS_KEY(_ID)?|SECRET_(ACCESS_)?KEY)|LAMBDA_(TASK_ROOT|RUNTIME_DIR)"
    r"|AWS_LAMBDA_(FUNCTION_(NAME|VERSION|MEMORY_SIZE)|INITIALIZATION_TYPE|RUNTIME_API"
    r"|LOG_(GROUP|STREAM)_NAME|MAX_CONCURRENCY)"
)
_TAKEN_OVER = (
    *("Role", "Handler", "Description", "Timeout", "MemorySize", "Runtime", "Environment"),
    *("TracingConfig", "EphemeralStorage"),
)


def new(request: dict[str, Any], code: Code, place: Place) -> Configuration:
    """Return the configuration of a new function, with the defaults that AWS gives."""
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
    return changed(configuration, request) | of_code(code)


def changed(configuration: Configuration, request: dict[str, Any]) -> Configuration:
    """Return a configuration with what a request says; empty variables are none."""
    taken = {name: request[name] for name in _TAKEN_OVER if request.get(name) is not None}
    result = configuration | taken
    if not result.get("Environment", {}).get("Variables"):
        result.pop("Environment", None)
    result["LoggingConfig"] = _logging(result, request.get("LoggingConfig") or {})
    return result | {"LastModified": moment(), "RevisionId": revision()}


def of_code(code: Code) -> Configuration:
    """Return what a configuration says of its code."""
    return {
        "CodeSize": code.size,
        "CodeSha256": code.sha256,
        "LastModified": moment(),
        "RevisionId": revision(),
    }


def _logging(configuration: Configuration, given: dict[str, Any]) -> dict[str, Any]:
    known = configuration.get("LoggingConfig", {})
    group = given.get("LogGroup") or known.get("LogGroup")
    log_format = given.get("LogFormat") or known.get("LogFormat", "Text")
    result = {
        "LogFormat": log_format,
        "LogGroup": group or f"/aws/lambda/{configuration['FunctionName']}",
    }
    level = given.get("ApplicationLogLevel") or known.get("ApplicationLogLevel")
    if log_format == "JSON":
        result |= {"ApplicationLogLevel": level or "INFO", "SystemLogLevel": "INFO"}
    elif given.get("ApplicationLogLevel") or given.get("SystemLogLevel"):
        raise InvalidParameterValue("Log levels are set with the LogFormat JSON only.")
    return result


def check(configuration: Configuration, settings: Settings, region: str) -> None:
    """Raise InvalidParameterValue unless Lambda takes the values and may assume the role."""
    if not configuration.get("Runtime") or not configuration.get("Handler"):
        raise InvalidParameterValue(
            "Runtime and Handler are mandatory parameters for functions created with deployment "
            "packages."
        )
    _check_limit("Timeout", configuration["Timeout"], _MOST_SECONDS)
    _check_limit("MemorySize", configuration["MemorySize"], _MOST_MEGABYTES)
    size = configuration["EphemeralStorage"]["Size"]
    if size not in _STORAGE:
        raise InvalidParameterValue(f"EphemeralStorage.Size is {size} MB; expected 512 to 10240.")
    _check_variables(configuration.get("Environment", {}).get("Variables", {}))
    if not may_assume(settings, region, configuration["Role"], "lambda.amazonaws.com"):
        raise InvalidParameterValue(
            "The role defined for the function cannot be assumed by Lambda."
        )


def _check_limit(name: str, value: int, most: int) -> None:
    if value > most:
        raise InvalidParameterValue(
            f"Value '{value}' at '{name[0].lower()}{name[1:]}' failed to satisfy constraint: "
            f"Member must have value less than or equal to {most}"
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
    if size > _MOST_VARIABLE_BYTES:
        raise InvalidParameterValue(
            f"{start}exceeded the 4KB limit. They have {size} bytes together."
        )
