"""Take the Lambda's model out of the model.tar.gz of a training job."""

import hashlib
import json
import tarfile
import zlib
from typing import Any

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.account.registry import MANIFEST

LAMBDA_MODEL = "lambda/model.npz"  # the library's own name of it; importing that would load joblib


def read_lambda_model(aws: Aws, package: dict[str, Any]) -> bytes:
    """Return the model of a package for Lambda; raise DeploymentError unless it is there, whole."""
    uri = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    found = _members(aws, uri)
    missing = [name for name in (MANIFEST, LAMBDA_MODEL) if name not in found]
    if missing:
        raise DeploymentError(
            f"{uri} has no {' and no '.join(missing)}; expected the archive of a recipe that is "
            "served by Lambda. Train it again."
        )
    model = found[LAMBDA_MODEL]
    expected = _listed(uri, found[MANIFEST])
    digest = hashlib.sha256(model).hexdigest()
    if digest != expected:
        raise DeploymentError(
            f"{LAMBDA_MODEL} in {uri} was changed: its sha256 is {digest}, the manifest expects "
            f"{expected}. Train it again."
        )
    return model


def _members(aws: Aws, uri: str) -> dict[str, bytes]:
    """Return the manifest and the model of an archive, as far as it has them."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    s3 = aws.client("s3")
    found = {}
    try:
        with (
            s3.get_object(Bucket=bucket, Key=key)["Body"] as body,
            tarfile.open(fileobj=body, mode="r|gz") as tar,
        ):
            for member in tar:
                name = member.name.removeprefix("./")
                file = tar.extractfile(member) if name in (MANIFEST, LAMBDA_MODEL) else None
                if file is not None:
                    found[name] = file.read()
    except s3.exceptions.NoSuchKey as error:
        raise DeploymentError(f"{uri} is missing; train the model again") from error
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise DeploymentError(f"{uri} is no model archive: {error}") from error
    return found


def _listed(uri: str, manifest: bytes) -> str:
    """Return the sha256 that an archive's manifest has of the model."""
    try:
        listed: str = json.loads(manifest)["files"][LAMBDA_MODEL]
    except (ValueError, KeyError, TypeError) as error:
        raise DeploymentError(
            f"the {MANIFEST} in {uri} lists no {LAMBDA_MODEL} ({error!r}). Train it again."
        ) from error
    return listed
