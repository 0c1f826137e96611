"""The addresses of the container images of each framework."""

from dataclasses import dataclass

from scripts.account.aws import Aws


@dataclass(frozen=True)
class _Image:
    """The SDK's search terms for an image, and its address in us-east-1.

    The local AWS identifies images by name and tag only.
    """

    framework: str
    version: str
    scope: str
    local: str


_FRAMEWORKS = "763104351884.dkr.ecr.us-east-1.amazonaws.com"
_SCIKIT_LEARN = _Image(  # one image both trains and serves
    "sklearn",
    "1.9-0",
    "training",
    "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3",
)
_TRAINING = {
    "scikit-learn": _SCIKIT_LEARN,
    "tensorflow": _Image(
        "tensorflow", "2.21", "training", f"{_FRAMEWORKS}/tensorflow-training:2.21-cpu-py312"
    ),
}
_SERVING = {
    "scikit-learn": _SCIKIT_LEARN,
    "tensorflow-serving": _Image(
        "tensorflow", "2.20", "inference", f"{_FRAMEWORKS}/tensorflow-inference:2.20-cpu-py312"
    ),
}
SCIKIT_LEARN_VERSION = _SCIKIT_LEARN.version
_INSTANCE_TYPE = "ml.m5.large"  # every CPU type has the same image


def training_image(aws: Aws, framework: str) -> str:
    """Return the address of the training image of "scikit-learn" or "tensorflow"."""
    return _address(aws, _TRAINING[framework])


def serving_image(aws: Aws, kind: str) -> str:
    """Return the address of the serving image "scikit-learn" or "tensorflow-serving"."""
    return _address(aws, _SERVING[kind])


def _address(aws: Aws, image: _Image) -> str:
    """Return the address of an image in the region in use."""
    if aws.is_local:
        return image.local
    # The SDK knows AWS's registry accounts by region, but takes seconds to import.
    from sagemaker.core import image_uris

    address: str = image_uris.retrieve(
        framework=image.framework,
        region=aws.region,
        version=image.version,
        image_scope=image.scope,
        instance_type=_INSTANCE_TYPE,
    )
    return address
