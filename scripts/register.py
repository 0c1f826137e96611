"""Register a scikit-learn model that you trained elsewhere, for endpoints and Lambda.

    python -m scripts.register --model model.joblib --name tickets --approve

The file is a fitted pipeline from raw texts to labels that joblib.dump wrote. Reading it runs code
from the file on this machine, so pass only files that you trust. To select the model in the other
commands, pass --recipe own-model --name tickets.
"""

import argparse
import sys
import tarfile
import tempfile
from pathlib import Path

from newsgroup_classifier.artifacts import sha256_of
from newsgroup_classifier.errors import sized
from scripts.account import command
from scripts.account.aws import Call, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.lineage import Origin, own_lineage
from scripts.account.model_archives import SHA256, check_versioned
from scripts.account.naming import jobs_folder, jobs_prefix, name_in_stack, new_stamp, release_name
from scripts.account.registry import check_group, group_call, list_packages, plan_package, register
from scripts.account.selection import own_model_recipe
from scripts.account.stacks import foundation, recipe_flags
from scripts.steps.earlier_models import SOURCE, check_labels, model_uri, same_package
from scripts.steps.own_model import add_model_arguments, write_own_model


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
        same = same_package(aws, packages, status, source, manifest)
        status = same["ModelApprovalStatus"] if same else status
        if same is None or status != "Approved":
            check_labels(aws, packages, arguments.name, model.label_names, arguments.replace)
        if arguments.dry_run:
            upload = Call("s3", "upload_file", {"Bucket": bucket, "Key": key})
            return dry_run([] if same else [upload, group_call(recipe, stack), package])
        if same:
            arn, uri = same["ModelPackageArn"], model_uri(same)
            also = " and approved" if status == "Approved" else ""
            say(f"The same model is already registered{also} as {arn}.")
        else:
            properties = {SOURCE: source, SHA256: sha256_of(archive)}
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


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
