"""The `serve` command of an image, and what it needs beside the container's own variables."""

import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

from local_aws.errors import ValidationError
from local_aws.sagemaker.containers.environment import SCIKIT_LEARN_SITE, TENSORFLOW_SERVING_SITE
from local_aws.sagemaker.containers.images import TENSORFLOW_SERVING, Image
from local_aws.sagemaker.hosting.ports import give_back, take_port, take_range

_MODEL_SERVER = "tensorflow_model_server"
_SECOND_PORTS = 10  # enough for four model servers: each has a port for gRPC and one for REST


@dataclass(frozen=True)
class ServeProgram:
    """A command, the folder its modules are in, and the variables that the image itself sets."""

    command: list[str]
    site: Path
    variables: dict[str, str] = field(default_factory=dict)
    second_ports: int = 0


def serve_program(image: Image) -> ServeProgram:
    """Return what `docker run IMAGE serve` would start; raise ValidationError where that fails."""
    if image.serves is None:
        raise ValidationError(f"The image {image.name} trains and has no program that serves.")
    if image.serves != TENSORFLOW_SERVING:
        command = [sys.executable, "-m", "sagemaker_sklearn_container.serve"]
        return ServeProgram(command, SCIKIT_LEARN_SITE)
    # The real program, where this computer has it, takes the place of our own.
    own = TENSORFLOW_SERVING_SITE / "programs" / _MODEL_SERVER
    version = image.name.partition(":")[2].partition("-")[0]
    return ServeProgram(
        [sys.executable, "-m", "sagemaker_tensorflow_serving_container.serve"],
        TENSORFLOW_SERVING_SITE,
        {
            "SAGEMAKER_TFS_VERSION": version,
            "LOCAL_AWS_MODEL_SERVER": shutil.which(_MODEL_SERVER) or str(own),
        },
        _SECOND_PORTS,
    )


class Ports:
    """The ports of a container: one to be called on, and second ones where its program has any."""

    def __init__(self, second: int) -> None:
        self.main = take_port()
        self._second = take_range(second) if second else range(self.main, self.main + 1)

    def variables(self) -> dict[str, str]:
        """Return the variables that tell a container its ports."""
        return {
            "SAGEMAKER_BIND_TO_PORT": str(self.main),
            "SAGEMAKER_SAFE_PORT_RANGE": f"{self._second[0]}-{self._second[-1]}",
        }

    def release(self) -> None:
        """Let other containers have them."""
        for port in {self.main, *self._second}:
            give_back(port)
