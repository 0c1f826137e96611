"""What Lambda keeps of a region from one run of the local AWS to the next: not its processes."""

from dataclasses import fields
from typing import Any

from local_aws.awslambda import code as codes
from local_aws.awslambda.names import LATEST
from local_aws.awslambda.operations.functions import settle
from local_aws.awslambda.records import Configuration, Function, Version
from local_aws.awslambda.service import Functions

_VERSIONS = ("latest", "versions", "shares")  # fields of a function that are not plain data


def saved(functions: Functions) -> dict[str, Any]:
    """Return the functions of a region, and the zips of their codes."""
    with functions.lock:
        used = {version.code for version in functions.all_versions()}
        return {
            "zips": {code.sha256: code.archive.read_bytes() for code in used},
            "functions": [_describe(function) for function in functions.table.values()],
            "reserved": functions.concurrency.reservations(),
        }


def _describe(function: Function) -> dict[str, Any]:
    names = [field.name for field in fields(Function) if field.name not in _VERSIONS]
    versions = {LATEST: function.latest, **function.versions}
    return {
        "plain": {name: getattr(function, name) for name in names},
        "versions": {
            number: (_configuration(version), version.code.sha256, version.published_from)
            for number, version in versions.items()
        },
    }


def _configuration(version: Version) -> Configuration:
    """Return the configuration of a version; an update that is in progress will have failed."""
    if version.replaced is None:
        return version.configuration
    return version.replaced | {"LastUpdateStatus": "Failed"}


def restore(functions: Functions, saved: dict[str, Any]) -> None:
    """Store and unpack the codes of a region, and let its functions be called."""
    stored = {
        sha256: codes.store(data, functions.code_folder()) for sha256, data in saved["zips"].items()
    }
    for item in saved["functions"]:
        versions: dict[str, Version] = {}
        for number, (configuration, sha256, published_from) in item["versions"].items():
            version = functions.new_version(configuration, stored[sha256])
            version.published_from = published_from
            settle(functions, version)
            versions[number] = version
        latest = versions.pop(LATEST)
        function = Function(**item["plain"], latest=latest, versions=versions)
        with functions.lock:
            functions.table[function.name] = function
    functions.concurrency.restore(saved["reserved"])
