"""Extract the Lambda model from the model.tar.gz of a training job."""

import hashlib
import json
import tarfile
import zlib
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.account.registry import MANIFEST

LAMBDA_MODEL = "lambda/model.npz"  # as in the library, whose import would load joblib


def read_lambda_model(aws: Aws, package: dict[str, Any]) -> bytes:
    """Return the Lambda model of a package; raise DeploymentError if it is missing or modified."""
    uri = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    members = _read_members(aws, uri)
    missing = [name for name in (MANIFEST, LAMBDA_MODEL) if name not in members]
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


def _read_members(aws: Aws, uri: str) -> dict[str, bytes]:
    """Return the manifest and the model of an archive, if it has them."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    s3 = aws.client("s3")
    members = {}
    try:
        with (
            s3.get_object(Bucket=bucket, Key=key)["Body"] as body,
            tarfile.open(fileobj=body, mode="r|gz") as tar,
        ):
            for member in tar:
                name = member.name.removeprefix("./")
                file = tar.extractfile(member) if name in (MANIFEST, LAMBDA_MODEL) else None
                if file is not None:
                    members[name] = file.read()
    except s3.exceptions.NoSuchKey as error:
        raise DeploymentError(f"{uri} does not exist; train the model again") from error
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise DeploymentError(f"{uri} is not a model archive: {error}") from error
    return members


def _expected_sha256(uri: str, manifest: bytes) -> str:
    """Return the sha256 of the model in an archive's manifest."""
    try:
        digest: str = json.loads(manifest)["files"][LAMBDA_MODEL]
    except (ValueError, KeyError, TypeError) as error:
        raise DeploymentError(
            f"the {MANIFEST} in {uri} does not list {LAMBDA_MODEL} ({error!r}). Train the model "
            "again."
        ) from error
    return digest
