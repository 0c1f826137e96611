"""The source bundles that containers download by themselves.

AWS's own code in a container unpacks a bundle without reading its checksum, so a changed byte would
run as changed code. The local AWS checks the bundle before it starts the container.
"""

from pathlib import Path

from local_aws.sagemaker.containers.archives import VOLUME_GB, check
from local_aws.sagemaker.errors import JobFailure
from local_aws.sagemaker.objects import download_object
from local_aws.sagemaker.region import Region


def check_bundle(region: Region, uri: str, folder: Path, gigabytes: int = VOLUME_GB) -> None:
    """Raise JobFailure if a bundle in S3 is damaged, or larger unpacked than a volume."""
    if not uri.startswith("s3://"):  # a folder in the container
        return
    archive = folder / "checked-bundle.tar.gz"
    try:
        download_object(region.client("s3"), uri, archive)
    except JobFailure:
        return  # the container fails to download it as well, and its log says why
    check(archive, uri, gigabytes)
    archive.unlink()
