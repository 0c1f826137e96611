"""AWS::Lambda::Function, Version, Alias and Permission."""

import io
import zipfile
from typing import Any

from local_aws.cloudformation.errors import ResourceFailure
from local_aws.cloudformation.provider import (
    Context,
    Provider,
    change_tags,
    no_attributes,
    only,
    tag_map,
    wait_until,
)
from local_aws.cloudformation.records import Properties

_CODE_PLACES = ("S3Bucket", "S3Key", "S3ObjectVersion")
# What UpdateFunctionConfiguration takes, and what a property comes to that is not given any more.
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
_FUNCTION = frozenset(
    {*_CONFIGURATION, *_CODE, "FunctionName", "PackageType", "ReservedConcurrentExecutions", "Tags"}
)


def _create_function(context: Context, properties: Properties) -> str:
    name = context.name(properties.get("FunctionName"))
    alike = ("Architectures", "PackageType", *_CONFIGURATION)
    given = {key: properties[key] for key in alike if key in properties}
    context.client("lambda").create_function(
        FunctionName=name,
        Code=_code(properties["Code"]),
        Tags=tag_map(properties.get("Tags")),
        **given,
    )
    return name


def _code(given: dict[str, Any]) -> dict[str, Any]:
    """Return where the code is; source in the template is packed as index.py, as AWS does."""
    only("Code", given, "ZipFile", *_CODE_PLACES)
    if "ZipFile" not in given:
        return {key: given[key] for key in _CODE_PLACES if key in given}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.py"), given["ZipFile"])
    return {"ZipFile": packed.getvalue()}


def _apply_function(context: Context, name: str, old: Properties, new: Properties) -> None:
    functions = context.client("lambda")
    _wait(functions, name)
    if old and any(old.get(key) != new.get(key) for key in _CODE):
        architectures = {"Architectures": new["Architectures"]} if "Architectures" in new else {}
        functions.update_function_code(FunctionName=name, **_code(new["Code"]), **architectures)
        _wait(functions, name)
    if old and any(old.get(key) != new.get(key) for key in _CONFIGURATION):
        given = {key: new.get(key, default) for key, default in _CONFIGURATION.items()}
        functions.update_function_configuration(FunctionName=name, **given)
        _wait(functions, name)
    reserved = new.get("ReservedConcurrentExecutions")
    if reserved is not None:
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)
    elif "ReservedConcurrentExecutions" in old:
        functions.delete_function_concurrency(FunctionName=name)
    arn = _function_attributes(context, name, new)["Arn"]
    if old:
        change_tags(
            tag_map(old.get("Tags")),
            tag_map(new.get("Tags")),
            lambda tags: functions.tag_resource(Resource=arn, Tags=tags),
            lambda keys: functions.untag_resource(Resource=arn, TagKeys=keys),
        )


def _wait(functions: Any, name: str) -> None:
    """Wait until a function is active and as it was last changed to be."""

    def look() -> bool:
        found = functions.get_function_configuration(FunctionName=name)
        for key in ("State", "LastUpdateStatus"):
            if found.get(key) == "Failed":
                raise ResourceFailure(str(found.get(f"{key}Reason", f"The {key} is Failed.")))
        settled = found.get("LastUpdateStatus", "Successful") == "Successful"
        return settled and found["State"] == "Active"

    wait_until(look)


def _delete_function(context: Context, name: str, properties: Properties) -> None:
    context.client("lambda").delete_function(FunctionName=name)


def _function_attributes(context: Context, name: str, properties: Properties) -> dict[str, Any]:
    region = context.region
    return {"Arn": f"arn:aws:lambda:{region.name}:{region.settings.account_id}:function:{name}"}


def _create_version(context: Context, properties: Properties) -> str:
    functions = context.client("lambda")
    name = properties["FunctionName"]
    pages = functions.get_paginator("list_versions_by_function").paginate(FunctionName=name)
    before = {found["Version"] for page in pages for found in page["Versions"]}
    made = functions.publish_version(**properties)
    if made["Version"] in before:  # nothing has changed since it was published
        raise ResourceFailure(
            f"A version for this Lambda function exists ( {made['Version']} ). Modify the function "
            "to create a new version."
        )
    return str(made["FunctionArn"])


def _delete_version(context: Context, arn: str, properties: Properties) -> None:
    function, _, version = arn.rpartition(":")
    context.client("lambda").delete_function(FunctionName=function, Qualifier=version)


def _version_attributes(context: Context, arn: str, properties: Properties) -> dict[str, Any]:
    return {"FunctionArn": arn, "Version": arn.rpartition(":")[2]}


def _create_alias(context: Context, properties: Properties) -> str:
    return str(context.client("lambda").create_alias(**properties)["AliasArn"])


def _apply_alias(context: Context, arn: str, old: Properties, new: Properties) -> None:
    if old:
        context.client("lambda").update_alias(**{"Description": "", **new})


def _delete_alias(context: Context, arn: str, properties: Properties) -> None:
    context.client("lambda").delete_alias(
        FunctionName=properties["FunctionName"], Name=properties["Name"]
    )


def _alias_attributes(context: Context, arn: str, properties: Properties) -> dict[str, Any]:
    return {"AliasArn": arn}


def _create_permission(context: Context, properties: Properties) -> str:
    statement = context.name(None, 100)
    context.client("lambda").add_permission(StatementId=statement, **properties)
    return statement


def _delete_permission(context: Context, statement: str, properties: Properties) -> None:
    context.client("lambda").remove_permission(
        FunctionName=properties["FunctionName"], StatementId=statement
    )


PROVIDERS = {
    "AWS::Lambda::Function": Provider(
        _FUNCTION, _create_function, _delete_function, _function_attributes, _apply_function
    ),
    "AWS::Lambda::Version": Provider(
        frozenset({"FunctionName", "Description", "CodeSha256"}),
        _create_version,
        _delete_version,
        _version_attributes,
    ),
    "AWS::Lambda::Alias": Provider(
        frozenset({"FunctionName", "FunctionVersion", "Name", "Description"}),
        _create_alias,
        _delete_alias,
        _alias_attributes,
        _apply_alias,
    ),
    "AWS::Lambda::Permission": Provider(
        frozenset({"FunctionName", "Action", "Principal", "SourceArn", "SourceAccount"}),
        _create_permission,
        _delete_permission,
        no_attributes,
    ),
}
