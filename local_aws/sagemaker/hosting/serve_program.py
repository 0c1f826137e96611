"""The `serve` command of an image, its variables, and its ports."""

import shutil
from dataclasses import dataclass, field
from pathlib import Path

from local_aws.errors import ValidationError
from local_aws.sagemaker.containers.environment import SCIKIT_LEARN_SITE, TENSORFLOW_SERVING_SITE
from local_aws.sagemaker.containers.images import TENSORFLOW_SERVING, Image
from local_aws.sagemaker.containers.images.environments import python_of

_MODEL_SERVER = "tensorflow_model_server"
_EXTRA_PORTS = 10  # enough for four model servers with a gRPC port and a REST port each


@dataclass(frozen=True)
class ServeProgram:
    """A command, the folder with its modules, and the variables that the image sets."""

    command: list[str]
    site: Path
    variables: dict[str, str] = field(default_factory=dict)
    extra_ports: int = 0


def serve_program(image: Image) -> ServeProgram:
    """Return the program that `docker run IMAGE serve` starts; raise ValidationError for none."""
    if image.serves is None:
        raise ValidationError(f"The image {image.name} is for training and cannot serve.")
    if image.serves != TENSORFLOW_SERVING:
        command = [str(python_of(image)), "-m", "sagemaker_sklearn_container.serve"]
        return ServeProgram(command, SCIKIT_LEARN_SITE)
    # If the real program is installed on this computer, it replaces the stand-in.
    stand_in = TENSORFLOW_SERVING_SITE / "programs" / _MODEL_SERVER
    version = image.name.partition(":")[2].partition("-")[0]
    return ServeProgram(
        [str(python_of(image)), "-m", "sagemaker_tensorflow_serving_container.serve"],
        TENSORFLOW_SERVING_SITE,
        {
            "SAGEMAKER_TFS_VERSION": version,
            "LOCAL_AWS_MODEL_SERVER": shutil.which(_MODEL_SERVER) or str(stand_in),
        },
        _EXTRA_PORTS,
    )


def port_variables(ports: range) -> dict[str, str]:
    """Return the variables with a container's ports: for requests, and for its own use."""
    extra = ports[1:] or ports
    return {
        "SAGEMAKER_BIND_TO_PORT": str(ports[0]),
        "SAGEMAKER_SAFE_PORT_RANGE": f"{extra[0]}-{extra[-1]}",
    }
