"""The earlier models of a name, before another one that was trained elsewhere is registered."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from newsgroup_classifier.artifacts import MANIFEST, Manifest
from newsgroup_classifier.errors import DeploymentError, counted
from scripts.account.aws import Aws, Call
from scripts.account.command import say
from scripts.account.model_archives import SHA256, VERSION, ModelArchive, location_of, read_members
from scripts.account.registry import describe_package

SOURCE = "source-sha256"  # of the user's file, in the customer metadata of the package
Packages = Sequence[Mapping[str, Any]]  # their summaries, the newest one first
_LABELS = 20  # that are shown


def listed(names: Sequence[str]) -> str:
    """Return names with commas between them, the first ones of many."""
    return ", ".join([*names[:_LABELS], *(["..."] if names[_LABELS:] else [])])


def check_labels(
    aws: Aws, packages: Packages, name: str, labels: Sequence[str], replace: bool
) -> None:
    """Print which approved model another one of a name would replace, and how the labels change.

    Raise DeploymentError if they do, unless `replace` is given.
    """
    approved = [each for each in packages if each["ModelApprovalStatus"] == "Approved"]
    if not approved:
        return
    arn = approved[0]["ModelPackageArn"]
    # Nobody knows the labels of a model whose archive is gone.
    before = _manifest(aws, describe_package(aws, arn)).get("label_names", labels)
    sets = {"lacks": set(before) - set(labels), "adds": set(labels) - set(before)}
    change = " and ".join(
        f"{verb} {counted(len(names), 'label')} ({listed(sorted(names))})"
        for verb, names in sets.items()
        if names
    )
    model = arn.rpartition(":model-package/")[2]
    if change and not replace:
        raise DeploymentError(
            f"the name {name} is in use for a model with other labels, {model}: this one "
            f"{change}. Choose another --name, or pass --replace to register it anyway"
        )
    say(f"It will replace {model} when it is deployed" + (f"; it {change}." if change else "."))


def same_package(
    aws: Aws, packages: Packages, status: str, source: str, manifest: Manifest
) -> Mapping[str, Any] | None:
    """Return the newest package, approved or with a status, if it is of the same model, or None.

    Its file has the same sha256, `source`, and its manifest is the same except for pickles, since
    joblib may write the same object in different ways.
    """
    approved = [each for each in packages if each["ModelApprovalStatus"] == "Approved"]
    newest = [each for each in packages[:1] if each["ModelApprovalStatus"] == status]
    for summary in (*approved[:1], *newest):
        package = describe_package(aws, summary["ModelPackageArn"])
        if (
            package.get("CustomerMetadataProperties", {}).get(SOURCE) == source
            and _is_current(aws, package)
            and _without_pickles(_manifest(aws, package)) == _without_pickles(asdict(manifest))
        ):
            return package
    return None


def _without_pickles(manifest: Mapping[str, Any]) -> Any:
    files = manifest.get("files", {})
    others = {name: files[name] for name in files if not name.endswith(".joblib")}
    return json.loads(json.dumps({**manifest, "files": others}))


def _is_current(aws: Aws, package: Mapping[str, Any]) -> bool:
    archive = _archive(package)
    head = aws.make(Call("s3", "head_object", location_of(archive.uri)), "(404)")
    return head is not None and head.get("VersionId") == archive.version_id


def _manifest(aws: Aws, package: Mapping[str, Any]) -> dict[str, Any]:
    archive = _archive(package)
    if aws.make(Call("s3", "head_object", archive.source), "(404)") is None:
        return {}
    members = read_members(aws, archive.uri, (MANIFEST,), archive.version_id)
    return dict(json.loads(members[MANIFEST]))


def _archive(package: Mapping[str, Any]) -> ModelArchive:
    recorded = package.get("CustomerMetadataProperties", {})
    return ModelArchive(model_uri(package), recorded.get(VERSION, ""), recorded.get(SHA256, ""))


def model_uri(package: Mapping[str, Any]) -> str:
    """Return the address of the archive of a package."""
    return str(package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"])
