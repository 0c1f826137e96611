"""Register a scikit-learn model that you trained elsewhere, for endpoints and Lambda.

    python -m scripts.register --model model.joblib --name tickets --approve

The file is a fitted pipeline from raw texts to labels that joblib.dump wrote. Reading it runs code
from the file on this machine, so pass only files that you trust. To select the model in the other
commands, pass --recipe own-model --name tickets.
"""

import argparse
import json
import sys
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from newsgroup_classifier.artifacts import MANIFEST, Manifest, sha256_of
from newsgroup_classifier.errors import DeploymentError, counted, sized
from scripts.account import command
from scripts.account.aws import Aws, Call, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.lineage import Origin, own_lineage
from scripts.account.model_archives import (
    SHA256,
    VERSION,
    ModelArchive,
    check_versioned,
    location_of,
    read_members,
)
from scripts.account.naming import jobs_folder, jobs_prefix, name_in_stack, new_stamp, release_name
from scripts.account.registry import (
    check_group,
    describe_package,
    group_call,
    list_packages,
    plan_package,
    register,
)
from scripts.account.selection import own_model_recipe
from scripts.account.stacks import foundation, recipe_flags
from scripts.steps.own_job import add_model_arguments, write_own_model
from scripts.steps.review import listed

_SOURCE = "source-sha256"  # of the user's file, in the customer metadata of the package
_Packages = Sequence[Mapping[str, Any]]  # their summaries, the newest one first


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--model",
        type=command.path,
        required=True,
        metavar="FILE",
        help="file that joblib.dump wrote",
    )
    parser.add_argument("--name", required=True, help="name of the model")
    add_model_arguments(parser)
    parser.add_argument(
        "--replace", action="store_true", help="allow other labels than those of the approved model"
    )
    parser.add_argument("--approve", action="store_true", help="approve the model for deployment")
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Check the model, upload its artifact, and register it; return the names."""
    recipe = own_model_recipe(arguments.name)
    aws, stack = connect(arguments), arguments.stack
    with tempfile.TemporaryDirectory(prefix="own-model-") as name:
        folder = Path(name) / "artifact"
        model, manifest = write_own_model(arguments.model, arguments, recipe, folder)
        archive = Path(name) / "model.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(folder, arcname=".")
        release = release_name(name_in_stack(stack, recipe.scope), new_stamp())
        key = f"{jobs_prefix(jobs_folder(stack, recipe))}{release}/output/{archive.name}"
        bucket = foundation(aws, stack).bucket
        uri = f"s3://{bucket}/{key}"
        package = plan_package(aws, recipe, uri, arguments.approve, stack)
        check_group(aws, stack, recipe)
        packages = list_packages(aws, stack, recipe)
        source, status = sha256_of(arguments.model), package.parameters["ModelApprovalStatus"]
        same = _same_package(aws, packages, status, source, manifest)
        status = same["ModelApprovalStatus"] if same else status
        if same is None or status != "Approved":
            _check_labels(aws, packages, arguments.name, model.label_names, arguments.replace)
        if arguments.dry_run:
            upload = Call("s3", "upload_file", {"Bucket": bucket, "Key": key})
            return dry_run([] if same else [upload, group_call(recipe, stack), package])
        if same:
            arn, uri = same["ModelPackageArn"], _model_uri(same)
            also = " and approved" if status == "Approved" else ""
            say(f"The same model is already registered{also} as {arn}.")
        else:
            properties = {_SOURCE: source, SHA256: sha256_of(archive)}
            check_versioned(aws, bucket)
            aws.client("s3").upload_file(str(archive), bucket, key)
            say(f"Uploaded s3://{bucket}/{key} ({sized(archive.stat().st_size)}).")
            origin = Origin(properties, own_lineage(recipe, model.trial_label))
            arn = register(aws, recipe, stack, package, origin)
    steps = ("deploy",) if status == "Approved" else ("approve", "deploy")
    flags = recipe_flags(aws, recipe, stack)
    return {
        "model_artifacts": uri,
        "model_package_arn": arn,
        "approval_status": status,
        "label_names": list(model.label_names),
        "not_for_lambda": manifest.not_for_lambda,
        "next": [f"python -m scripts.{step} {flags}" for step in steps],
    }


def _check_labels(
    aws: Aws, packages: _Packages, name: str, labels: Sequence[str], replace: bool
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


def _same_package(
    aws: Aws, packages: _Packages, status: str, source: str, manifest: Manifest
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
            package.get("CustomerMetadataProperties", {}).get(_SOURCE) == source
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
    return ModelArchive(_model_uri(package), recorded.get(VERSION, ""), recorded.get(SHA256, ""))


def _model_uri(package: Mapping[str, Any]) -> str:
    """Return the address of the archive of a package."""
    return str(package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"])


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
