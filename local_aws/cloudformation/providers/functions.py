"""AWS::Lambda::Function, Version, Alias and Permission."""

import io
import zipfile
from typing import Any

from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.provider import Context, Provider, change_tags, only, tag_map
from local_aws.cloudformation.providers import releases
from local_aws.cloudformation.records import Properties
from local_aws.processes import pause

_POLL_SECONDS = 0.1
_CODE_LOCATION = ("S3Bucket", "S3Key", "S3ObjectVersion")
# The members of UpdateFunctionConfiguration, with the value that a removed property returns to.
_CONFIGURATION: dict[str, Any] = {
    "Role": None,
    "Handler": None,
    "Runtime": None,
    "Description": "",
    "Timeout": 3,
    "MemorySize": 128,
    "Environment": {"Variables": {}},
    "TracingConfig": {"Mode": "PassThrough"},
    "EphemeralStorage": {"Size": 512},
    "LoggingConfig": {"LogFormat": "Text"},
}
_CODE = ("Code", "Architectures")
_RESERVED = "ReservedConcurrentExecutions"


def _create_function(context: Context, properties: Properties) -> str:
    name = context.name(properties.get("FunctionName"))
    same = ("Architectures", "PackageType", *_CONFIGURATION)
    context.client("lambda").create_function(
        FunctionName=name,
        Code=_code(properties["Code"]),
        Tags=tag_map(properties.get("Tags")),
        **{key: properties[key] for key in same if key in properties},
    )
    return name


def _code(code: dict[str, Any]) -> dict[str, Any]:
    """Return the location of the code; inline source is packed as index.py, as on AWS."""
    only("Code", code, "ZipFile", *_CODE_LOCATION)
    if "ZipFile" not in code:
        return code
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), code["ZipFile"])
    return {"ZipFile": buffer.getvalue()}


def _apply_function(context: Context, name: str, old: Properties, new: Properties) -> None:
    functions = context.client("lambda")
    _wait(functions, name)
    if old and any(old.get(key) != new.get(key) for key in _CODE):
        architectures = {"Architectures": new["Architectures"]} if "Architectures" in new else {}
        functions.update_function_code(FunctionName=name, **_code(new["Code"]), **architectures)
        _wait(functions, name)
    if old and any(old.get(key) != new.get(key) for key in _CONFIGURATION):
        configuration = {key: new.get(key, default) for key, default in _CONFIGURATION.items()}
        functions.update_function_configuration(FunctionName=name, **configuration)
        _wait(functions, name)
    if _RESERVED in new:
        functions.put_function_concurrency(FunctionName=name, **{_RESERVED: new[_RESERVED]})
    elif _RESERVED in old:
        functions.delete_function_concurrency(FunctionName=name)
    if old:
        arn = context.arn("lambda", f"function:{name}")
        change_tags(functions, {"Resource": arn}, old, new)


def _wait(functions: Any, name: str) -> None:
    """Wait until a function is active and its last update is complete."""
    while True:
        function = functions.get_function_configuration(FunctionName=name)
        for key in ("State", "LastUpdateStatus"):
            if function.get(key) == "Failed":
                raise ResourceFailure(str(function.get(f"{key}Reason", f"The {key} is Failed.")))
        updated = function.get("LastUpdateStatus", "Successful") == "Successful"
        if updated and function["State"] == "Active":
            return
        if pause(_POLL_SECONDS):
            raise ResourceFailure("The local AWS is being stopped.")


def _create_version(context: Context, properties: Properties) -> str:
    functions = context.client("lambda")
    name = properties["FunctionName"]
    pages = functions.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    published = {version["Version"] for page in pages for version in page["Versions"]}
    version = functions.publish_version(**properties)
    if version["Version"] in published:  # nothing has changed since it was published
        raise ResourceFailure(
            f"A version for this Lambda function exists ( {version['Version']} ). Modify the "
            "function to create a new version."
        )
    return str(version["FunctionArn"])


def _delete_version(context: Context, arn: str, properties: Properties) -> None:
    function, _, version = arn.rpartition(":")
    context.client("lambda").delete_function(FunctionName=function, Qualifier=version)


def _apply_alias(context: Context, arn: str, old: Properties, new: Properties) -> None:
    if not old:
        return
    if context.resource.update_policy:
        releases.shift(context, new["FunctionName"], new["Name"], new["FunctionVersion"])
    context.client("lambda").update_alias(**{"Description": "", **new})


def _create_permission(context: Context, properties: Properties) -> str:
    statement = context.name(None, 100)
    context.client("lambda").add_permission(StatementId=statement, **properties)
    return statement


PROVIDERS = {
    "AWS::Lambda::Function": Provider(
        properties=frozenset(
            {*_CONFIGURATION, *_CODE, "FunctionName", "PackageType", _RESERVED, "Tags"}
        ),
        create=_create_function,
        apply=_apply_function,
        attributes=lambda context, name, _: {"Arn": context.arn("lambda", f"function:{name}")},
        delete=lambda context, name, _: context.client("lambda").delete_function(FunctionName=name),
    ),
    "AWS::Lambda::Version": Provider(
        properties=frozenset({"FunctionName", "Description", "CodeSha256"}),
        create=_create_version,
        attributes=lambda _, arn, properties: {
            "FunctionArn": arn,
            "Version": arn.rpartition(":")[2],
        },
        delete=_delete_version,
    ),
    "AWS::Lambda::Alias": Provider(
        properties=frozenset({"FunctionName", "FunctionVersion", "Name", "Description"}),
        create=lambda context, properties: str(
            context.client("lambda").create_alias(**properties)["AliasArn"]
        ),
        apply=_apply_alias,
        attributes=lambda _, arn, properties: {"AliasArn": arn},
        delete=lambda context, _, properties: context.client("lambda").delete_alias(
            FunctionName=properties["FunctionName"], Name=properties["Name"]
        ),
    ),
    "AWS::Lambda::Permission": Provider(
        properties=frozenset({"FunctionName", "Action", "Principal", "SourceArn", "SourceAccount"}),
        create=_create_permission,
        delete=lambda context, statement, properties: context.client("lambda").remove_permission(
            FunctionName=properties["FunctionName"], StatementId=statement
        ),
    ),
}
