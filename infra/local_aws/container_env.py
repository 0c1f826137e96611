"""The environment variables a local container starts with, and the file of its image's imports."""

import json
import os
import sys
from pathlib import Path

from infra.local_aws.cloud import CREDENTIALS
from infra.local_aws.images import Image, hidden_modules
from infra.local_aws.region import Region

_HERE = Path(__file__).parent
CONTAINER_SITE = _HERE / "container_site"
SCIKIT_LEARN_SITE = _HERE / "scikit_learn_site"


def container_env(
    region: Region, image: Image, base: Path, declared: dict[str, str], sites: list[Path]
) -> dict[str, str]:
    """Return the whole environment of a container whose /opt/ml is the folder `base`.

    Nothing of the laptop's own environment is passed on but where programs and temporary files
    are; the container reaches this local AWS under AWS_ENDPOINT_URL.
    """
    temporary = base.parent / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.defpath]),
        "HOME": str(temporary),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "PYTHONPATH": os.pathsep.join(str(site) for site in (CONTAINER_SITE, *sites)),
        "AWS_REGION": region.name,
        "AWS_DEFAULT_REGION": region.name,
        "AWS_ENDPOINT_URL": region.settings.endpoint_url,
        "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
        **declared,
        "SAGEMAKER_BASE_DIR": str(base),
        "LOCAL_AWS_IMAGE_FILE": str(_image_file(image, base)),
        "LOCAL_AWS_INSTALLED_FILE": str(base.parent / "installed.txt"),
    }


def _image_file(image: Image, base: Path) -> Path:
    path = base.parent / "image.json"
    facts = {"image": image.name, "hidden": hidden_modules(image.name)}
    path.write_text(json.dumps(facts), encoding="utf-8")
    return path
