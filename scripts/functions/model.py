"""Extract the Lambda model from the model.tar.gz of a training job."""

import hashlib
import json

from newsgroup_classifier.artifacts import LAMBDA_MODEL, MANIFEST
from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.account.model_archives import ModelArchive, read_members
from scripts.account.naming import ENDPOINT_ONLY


def read_lambda_model(aws: Aws, archive: ModelArchive) -> bytes:
    """Return the Lambda model of an archive; raise DeploymentError if it is missing or modified."""
    uri = archive.uri
    members = read_members(aws, uri, (MANIFEST, LAMBDA_MODEL), archive.version_id)
    model = members.get(LAMBDA_MODEL)
    try:
        manifest = json.loads(members.get(MANIFEST, b"{}"))
        reason = manifest.get("not_for_lambda")
        expected = manifest.get("files", {}).get(LAMBDA_MODEL)
    except (ValueError, AttributeError):
        reason = expected = None
    if reason:
        raise DeploymentError(
            f"Lambda does not serve the model of {uri}: {reason}. {ENDPOINT_ONLY}"
        )
    if model is None:
        raise DeploymentError(
            f"{uri} has no {LAMBDA_MODEL}; expected the archive of a recipe that Lambda serves. "
            "Train the model again."
        )
    digest = hashlib.sha256(model).hexdigest()
    if digest != expected:
        raise DeploymentError(
            f"{LAMBDA_MODEL} in {uri} was modified: its sha256 is {digest}, expected {expected} "
            f"as in {MANIFEST}. Train the model again."
        )
    return model
