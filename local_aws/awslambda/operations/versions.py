"""PublishVersion, ListVersionsByFunction."""

from typing import Any

from local_aws.awslambda.operations.listing import page
from local_aws.awslambda.records import Function, check_revision, revision
from local_aws.awslambda.service import Functions
from local_aws.errors import InvalidParameterValue, ResourceConflict

_NO_CHANGE = ("RevisionId", "LastModified")  # they differ after every update, and say nothing


def publish_version(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Publish $LATEST; if nothing has changed since the newest version, answer that one."""
    name, _ = functions.place.read(request["FunctionName"])
    with functions.lock:
        return publish(functions, functions.get(name), request)


def publish(functions: Functions, function: Function, request: dict[str, Any]) -> dict[str, Any]:
    """Publish $LATEST of a function."""
    with functions.lock:
        latest = function.latest
        current = latest.configuration
        check_revision(request.get("RevisionId"), current["RevisionId"])
        wanted = request.get("CodeSha256")
        if wanted and wanted != current["CodeSha256"]:
            raise InvalidParameterValue(
                f"CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST "
                f"({current['CodeSha256']}). Please try again with the CodeSHA256 in $LATEST."
            )
        if current["State"] != "Active" or current["LastUpdateStatus"] != "Successful":
            raise ResourceConflict(
                "The operation cannot be performed at this time. The function is currently in the "
                f"following state: {current['State']}, last update "
                f"{current.get('LastUpdateStatus', 'InProgress')}"
            )
        newest = function.versions.get(str(function.published))
        if newest is not None and _alike(newest.published_from, current):
            return dict(newest.configuration)
        function.published += 1
        number = str(function.published)
        configuration = current | {
            "Version": number,
            "FunctionArn": functions.place.arn(function.name, number),
            "Description": request.get("Description") or current["Description"],
            "RevisionId": revision(),
        }
        made = functions.new_version(configuration, latest.code)
        made.published_from = current  # its Description may be another than the version's own
        function.versions[number] = made
        return dict(configuration)


def _alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(
        one.get(key) == other.get(key) for key in one.keys() | other.keys() if key not in _NO_CHANGE
    )


def list_versions_by_function(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Answer one page of versions, $LATEST first."""
    name, _ = functions.place.read(request["FunctionName"])
    with functions.lock:
        found = [
            version.configuration
            | {"FunctionArn": functions.place.arn(name, version.configuration["Version"])}
            for version in functions.get(name).all_versions()
        ]
    return page(found, request, "Versions")


OPERATIONS = {
    "PublishVersion": publish_version,
    "ListVersionsByFunction": list_versions_by_function,
}
