"""The container images of each framework, chosen by the processor of the instances."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws

_SCIKIT_LEARN_PACKAGES = """
bcrypt blinker boto3 botocore certifi cffi charset-normalizer click cryptography enum-compat flask
future gevent greenlet gunicorn idna inotify-simple invoke itsdangerous jinja2 jmespath joblib
markupsafe model-archiver multi-model-server narwhals numpy packaging pandas paramiko pillow pip
protobuf psutil pyarrow pycparser pynacl python-dateutil pytz pyyaml requests retrying s3transfer
sagemaker-containers sagemaker-inference sagemaker-sklearn-container sagemaker-training scikit-learn
scipy setuptools six threadpoolctl typing tzdata urllib3 werkzeug zope-event zope-interface
"""
# What a model may import: the packages of the scikit-learn image 1.9-0.
SCIKIT_LEARN_PACKAGES = frozenset(_SCIKIT_LEARN_PACKAGES.split())


@dataclass(frozen=True)
class _Image:
    """The SDK's search terms for an image, and its address in us-east-1."""

    framework: str
    version: str
    scope: str
    local: str  # the local AWS identifies images by name and tag only
    gpu: bool = False  # whether AWS has a variant of it for GPUs


_FRAMEWORKS = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
_SCIKIT_LEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
_TENSORFLOW = f"{_FRAMEWORKS}/tensorflow-training:2.21-cpu-py312"
_SERVING = f"{_FRAMEWORKS}/tensorflow-inference:2.20-cpu-py312"
# By the framework of a recipe for training, and by the image of a stage for serving.
_IMAGES = {
    "scikit-learn": _Image("sklearn", "1.9-0", "training", _SCIKIT_LEARN),  # also serves
    "tensorflow": _Image("tensorflow", "2.21", "training", _TENSORFLOW, gpu=True),
    "tensorflow-serving": _Image("tensorflow", "2.20", "inference", _SERVING, gpu=True),
}
_INSTANCE_TYPE = "ml.m5.large"  # every CPU type has the same image
CPU, GPU, ARM, NONE = "a CPU", "a GPU", "an arm64 CPU", "an accelerator"
# ml.c6gd.large: a class, a generation, and letters for its variant, of which g is Graviton.
_TYPE = re.compile(r"ml\.(?P<kind>[a-z]+)[0-9]+(?P<variant>[a-z]*)(?P<chip>-[a-z0-9]+)?\..+")
_GRACE = re.compile(r"-gb[0-9]+")  # NVIDIA's arm64 CPU next to the GPU
_OLD_GPU = "ml.p2."  # TensorFlow has not supported its GPU since 2.12


def processor_of(instance_type: str) -> str:
    """Return what instances of a type compute with: CPU (x86), GPU, ARM, or NONE.

    NONE has no image here: Inferentia, Trainium, Gaudi, and GPUs next to an arm64 CPU or too old.
    """
    match = _TYPE.fullmatch(instance_type)
    if match is None:
        return CPU
    arm = "g" in match["variant"] or _GRACE.fullmatch(match["chip"] or "") is not None
    if match["kind"] in ("g", "p"):
        return NONE if arm or instance_type.startswith(_OLD_GPU) else GPU
    if match["kind"] in ("inf", "trn", "dl"):
        return NONE
    return ARM if arm else CPU


def check_instance_type(aws: Aws, images: Iterable[str], instance_type: str) -> None:
    """Raise DeploymentError unless instances of a type can run images, and one uses their GPU."""
    processor, names = processor_of(instance_type), list(dict.fromkeys(images))
    for_gpus = any(_IMAGES[name].gpu for name in names)
    if processor == CPU or (processor == GPU and for_gpus and not aws.is_local):
        return
    listing = " and ".join(_IMAGES[name].local.rpartition("/")[2] for name in names)
    others = ", or with a GPU such as ml.g5.xlarge" if for_gpus and not aws.is_local else ""
    reason = f"there is no image of {listing} for it"
    if processor == GPU:
        reason = f"{listing} would not use it"
        if for_gpus:
            reason = "the local AWS does not reproduce GPUs"
    raise DeploymentError(
        f"instance type {instance_type} has {processor}, and {reason}; expected a type with an "
        f"x86 CPU such as {_INSTANCE_TYPE}{others}"
    )


def image_address(aws: Aws, name: str, instance_type: str = _INSTANCE_TYPE) -> str:
    """Return the address of an image in the region, with GPU support if the type has a GPU."""
    image = _IMAGES[name]
    if aws.is_local:
        return image.local
    # The SDK knows AWS's registry accounts by region, but takes seconds to import.
    from sagemaker.core import image_uris

    address: str = image_uris.retrieve(
        framework=image.framework,
        region=aws.region,
        version=image.version,
        image_scope=image.scope,
        instance_type=instance_type if image.gpu else _INSTANCE_TYPE,
    )
    return address
