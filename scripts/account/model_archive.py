"""Look into the model.tar.gz of a training job before it is registered."""

import tarfile
import zlib

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws

MANIFEST = "manifest.json"  # the library's own name of it; importing that would load joblib


def check_model(aws: Aws, uri: str) -> None:
    """Raise DeploymentError unless a model archive holds a manifest.

    A job that completes without writing a model leaves an empty archive, and a package of it could
    be approved and never served. The archive is read from S3 as far as its manifest, no further.
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    s3 = aws.client("s3")
    names = []
    try:
        with (
            s3.get_object(Bucket=bucket, Key=key)["Body"] as body,
            tarfile.open(fileobj=body, mode="r|gz") as tar,
        ):
            for member in tar:
                if member.name.removeprefix("./") == MANIFEST:
                    return
                names.append(member.name)
    except s3.exceptions.NoSuchKey:
        names.append("no archive at all")
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise DeploymentError(f"{uri} is no model archive: {error}") from error
    raise DeploymentError(
        f"the training job saved no model: expected {MANIFEST} in {uri}, found "
        f"{', '.join(names[:5]) or 'nothing'}. Nothing was registered; see the job's log."
    )
