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
_SCIKIT_LEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.9-0-cpu-py3"
_TENSORFLOW = f"{_FRAMEWORKS}/tensorflow-training:2.21-cpu-py312"
_SERVING = f"{_FRAMEWORKS}/tensorflow-inference:2.20-cpu-py312"
# By the framework of a recipe for training, and by the image of a stage for serving.
_IMAGES = {
    "scikit-learn": _Image("sklearn", "1.9-0", "training", _SCIKIT_LEARN),  # also serves
    "tensorflow": _Image("tensorflow", "2.21", "training", _TENSORFLOW),
    "tensorflow-serving": _Image("tensorflow", "2.20", "inference", _SERVING),
}
_INSTANCE_TYPE = "ml.m5.large"  # every CPU type has the same image


def image_address(aws: Aws, name: str) -> str:
    """Return the address of "scikit-learn", "tensorflow" or "tensorflow-serving" in the region."""
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
        instance_type=_INSTANCE_TYPE,
    )
    return address
