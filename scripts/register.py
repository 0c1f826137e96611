"""Register a scikit-learn model that you trained elsewhere, for endpoints and Lambda.

    python -m scripts.register --model model.joblib --name tickets --approve

The file has a fitted pipeline from raw texts to labels, which joblib.dump wrote. Reading it runs
code from the file on this machine, so pass only files that you trust. Then use it with the other
commands as --recipe own-model --name tickets.
"""

import argparse
import sys
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from newsgroup_classifier.artifacts import sha256_of
from newsgroup_classifier.errors import DeploymentError
from scripts.account import command
from scripts.account.aws import Aws, Call, connect, dry_run
from scripts.account.command import Result, say
from scripts.account.lineage import Origin, own_lineage
from scripts.account.lock import ROOT
from scripts.account.model_archives import SHA256, check_versioned
from scripts.account.naming import jobs_folder, jobs_prefix, name_in_stack, new_stamp, release_name
from scripts.account.registry import check_group, group_call, plan_package, register
from scripts.account.selection import own_model_recipe
from scripts.account.stacks import foundation, recipe_flags

_SOURCE = "source-sha256"  # of the user's file, in the customer metadata of the package


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--model", type=Path, required=True, metavar="FILE", help="file that joblib.dump wrote"
    )
    parser.add_argument("--name", required=True, help="name of the model")
    parser.add_argument(
        "--labels",
        metavar="NAMES",
        help="names of classes that are numbers, in their order: a,b,c, or a file of lines",
    )
    parser.add_argument(
        "--code",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="module that the model needs; repeat for several (default: those next to the model)",
    )
    parser.add_argument("--approve", action="store_true", help="approve the model for deployment")
    command.add_common_arguments(parser)


def run(arguments: argparse.Namespace) -> Result:
    """Check the model, upload its artifact, and register it; return the names."""
    recipe, labels = own_model_recipe(arguments.name), read_labels(arguments.labels)
    aws, stack = connect(arguments), arguments.stack
    with tempfile.TemporaryDirectory(prefix="own-model-") as name:
        folder = Path(name) / "artifact"
        # They import scikit-learn, which --help does not need.
        from scripts.jobs.fitted_models import read_model, write_artifact

        model = read_model(arguments.model, labels, arguments.code)
        manifest = write_artifact(model, recipe, folder, ROOT)
        archive = Path(name) / "model.tar.gz"
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(folder, arcname=".")
        release = release_name(name_in_stack(stack, recipe.scope), new_stamp())
        key = f"{jobs_prefix(jobs_folder(stack, recipe))}{release}/output/{archive.name}"
        bucket = foundation(aws, stack).bucket
        package = plan_package(aws, recipe, f"s3://{bucket}/{key}", arguments.approve, stack)
        check_group(aws, stack, recipe)
        if arguments.dry_run:
            upload = Call("s3", "upload_file", {"Bucket": bucket, "Key": key})
            return dry_run([upload, group_call(recipe, stack), package])
        properties = {_SOURCE: sha256_of(arguments.model), SHA256: sha256_of(archive)}
        check_versioned(aws, bucket)
        _upload(aws, archive, bucket, key)
        origin = Origin(properties, own_lineage(recipe, model.trial_label))
        arn = register(aws, recipe, stack, package, origin)
    steps = () if arguments.approve else ("approve",)
    for step in (*steps, "deploy"):
        say(f"Next: python -m scripts.{step} {recipe_flags(aws, recipe, stack)}")
    return {
        "model_artifacts": f"s3://{bucket}/{key}",
        "model_package_arn": arn,
        "approval_status": package.parameters["ModelApprovalStatus"],
        "label_names": list(model.label_names),
        "not_for_lambda": manifest.not_for_lambda,
    }


def read_labels(text: str | None) -> Sequence[str] | None:
    """Return the names in the value of --labels: those of a file, or those between commas."""
    if text is None:
        return None
    try:
        return Path(text).read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise DeploymentError(
            f"--labels {text} is not UTF-8 text with one label per line"
        ) from None
    except OSError:  # names; many of them are too long for a path
        return [name.strip() for name in text.split(",")]


def _upload(aws: Aws, archive: Path, bucket: str, key: str) -> None:
    aws.client("s3").upload_file(str(archive), bucket, key)
    say(f"Uploaded s3://{bucket}/{key} ({archive.stat().st_size / 1e6:.1f} MB).")


if __name__ == "__main__":
    sys.exit(command.main(__doc__, add_arguments, run))
