"""PublishVersion, ListVersionsByFunction, and the pages of all lists."""

from typing import Any

from local_aws import paging
from local_aws.awslambda.errors import InvalidParameterValue, ResourceConflict
from local_aws.awslambda.records import Configuration, Function, check_revision, revision
from local_aws.awslambda.service import Functions

_PAGE_SIZE = 50
_DIGITS = 10  # of a version's number, at most
_IGNORED = ("RevisionId", "LastModified")  # they differ after every update


def page(items: list[dict[str, Any]], request: dict[str, Any], member: str) -> dict[str, Any]:
    """Return one page of functions, versions, or aliases, which may be deleted meanwhile."""
    size = min(request.get("MaxItems") or _PAGE_SIZE, _PAGE_SIZE)
    refusal = InvalidParameterValue("The Marker was not returned by this operation.")
    query = paging.Query((member, "NextMarker"), request.get("Marker") or "", size, refusal)
    return paging.sorted_page(sorted(items, key=_position), _position, query)


def _position(item: dict[str, Any]) -> paging.Position:
    name, version = item.get("Name") or item["FunctionName"], item.get("Version", "")
    return name, version.zfill(_DIGITS) if version.isdigit() else ""


def publish_version(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Publish $LATEST; if nothing has changed since the newest version, return that one."""
    with functions.lock:
        return publish(functions, functions.find(request["FunctionName"]), request)


def publish(functions: Functions, function: Function, request: dict[str, Any]) -> dict[str, Any]:
    """Publish $LATEST of a function."""
    with functions.lock:
        latest = function.latest
        current = latest.configuration
        check_revision(request.get("RevisionId"), current["RevisionId"])
        sha256 = request.get("CodeSha256")
        if sha256 and sha256 != current["CodeSha256"]:
            raise InvalidParameterValue(
                f"CodeSHA256 ({sha256}) is different from current CodeSHA256 in $LATEST "
                f"({current['CodeSha256']}). Please try again with the CodeSHA256 in $LATEST."
            )
        if current["State"] != "Active" or current["LastUpdateStatus"] != "Successful":
            raise ResourceConflict(
                "The operation cannot be performed at this time. The function is currently in the "
                f"following state: {current['State']}, last update "
                f"{current.get('LastUpdateStatus', 'InProgress')}"
            )
        newest = function.versions.get(str(function.published))
        if newest is not None and _relevant(newest.published_from) == _relevant(current):
            return dict(newest.configuration)
        function.published += 1
        number = str(function.published)
        configuration = current | {
            "Version": number,
            "FunctionArn": functions.place.arn(function.name, number),
            "Description": request.get("Description") or current["Description"],
            "RevisionId": revision(),
        }
        version = functions.new_version(configuration, latest.code)
        version.published_from = current  # whose Description may differ from the version's
        function.versions[number] = version
        return dict(configuration)


def _relevant(configuration: Configuration) -> Configuration:
    return {key: value for key, value in configuration.items() if key not in _IGNORED}


def list_versions_by_function(functions: Functions, request: dict[str, Any]) -> dict[str, Any]:
    """Return one page of versions, $LATEST first."""
    with functions.lock:
        function = functions.find(request["FunctionName"])
        versions = [
            version.configuration
            | {"FunctionArn": functions.place.arn(function.name, version.configuration["Version"])}
            for version in function.all_versions()
        ]
    return page(versions, request, "Versions")


OPERATIONS = {
    "PublishVersion": publish_version,
    "ListVersionsByFunction": list_versions_by_function,
}
