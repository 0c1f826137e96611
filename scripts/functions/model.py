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
    members = read_members(aws, archive, (MANIFEST, LAMBDA_MODEL))
    missing = [name for name in (MANIFEST, LAMBDA_MODEL) if name not in members]
    if reason := _refusal(members.get(MANIFEST, b"")):
        raise DeploymentError(
            f"Lambda does not serve the model of {uri}: {reason}. {ENDPOINT_ONLY}"
        )
    if missing:
        raise DeploymentError(
            f"{uri} has no {' and no '.join(missing)}; expected the archive of a recipe that "
            "Lambda serves. Train the model again."
        )
    model = members[LAMBDA_MODEL]
    expected = _expected_sha256(uri, members[MANIFEST])
    digest = hashlib.sha256(model).hexdigest()
    if digest != expected:
        raise DeploymentError(
            f"{LAMBDA_MODEL} in {uri} was modified: its sha256 is {digest}, expected {expected} "
            "as in the manifest. Train the model again."
        )
    return model


def _refusal(manifest: bytes) -> str:
    """Return why training exported no model for the function, "" if it did."""
    try:
        return str(json.loads(manifest).get("not_for_lambda", ""))
    except (ValueError, AttributeError):
        return ""


def _expected_sha256(uri: str, manifest: bytes) -> str:
    try:
        digest: str = json.loads(manifest)["files"][LAMBDA_MODEL]
    except (ValueError, KeyError, TypeError) as error:
        raise DeploymentError(
            f"the {MANIFEST} in {uri} does not list {LAMBDA_MODEL} ({error!r}). Train the model "
            "again."
        ) from error
    return digest
