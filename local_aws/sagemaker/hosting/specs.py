"""The containers of a model, the programs that serve them, and the instance types that run them."""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_aws.errors import ValidationError, not_reproduced
from local_aws.sagemaker.containers.environment import SCIKIT_LEARN_SITE, TENSORFLOW_SERVING_SITE
from local_aws.sagemaker.containers.images import TENSORFLOW_SERVING, Image
from local_aws.sagemaker.containers.images.environments import python_of
from local_aws.sagemaker.region import Region

_MODEL_SERVER = "tensorflow_model_server"
_EXTRA_PORTS = 10  # enough for four model servers with a gRPC port and a REST port each
_SIZE = re.compile(r"ml\.[a-z0-9-]+\.(?:(?P<xlarges>[0-9]*)xlarge|[a-z0-9-]+)")
_CPUS = 2  # of the sizes medium and large
_XLARGE_CPUS = 4
_ACCELERATED = re.compile(r"ml\.(?:(?P<gpu>[gp])|inf|trn|dl)[0-9]")
_ARM = re.compile(r"ml\.[a-z]+[0-9]+[a-z]*g[a-z]*\.")  # Graviton: ml.c6gd.large


def containers_of(record: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the containers of a model in the order in which requests pass through them."""
    if "PrimaryContainer" in record:
        return [record["PrimaryContainer"]]
    return list(record.get("Containers", []))


def package_arn(region: Region, name: str) -> str:
    """Return the ARN of a model package, given its name or its ARN."""
    return name if name.startswith("arn:") else region.arn("model-package", name)


def package_of(region: Region, container: dict[str, Any]) -> dict[str, Any]:
    """Return the model package that a container names."""
    return region.model_packages.get(package_arn(region, container["ModelPackageName"]))


def specs_of(region: Region, model: str) -> list[dict[str, Any]]:
    """Return the containers of a model, those of its packages included."""
    return expand_packages(region, containers_of(region.models.get(model)))


def expand_packages(region: Region, containers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Replace each container that names a model package with the containers of the package."""
    expanded: list[dict[str, Any]] = []
    for container in containers:
        if "ModelPackageName" in container:
            package = package_of(region, container)
            expanded += package["InferenceSpecification"]["Containers"]
        else:
            expanded.append(container)
    return expanded


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


def check_processor(instance_type: str, operation: str) -> None:
    """Raise ValidationError for a type with a GPU or another accelerator, or with an arm64 CPU.

    The processes of a job would not use the accelerator, and no known image is for arm64.
    """
    match = _ACCELERATED.match(instance_type)
    if match is not None:
        processor = "GPU" if match["gpu"] else "accelerator"
        raise not_reproduced(f"the {processor} of {instance_type} in {operation}")
    if _ARM.match(instance_type):
        raise not_reproduced(f"the arm64 CPU of {instance_type} in {operation}")


def cpu_count(instance_type: str, limit: int) -> int:
    """Return the number of vCPUs of an instance type, up to a limit.

    As in AWS's tables of current generations, sizes up to large have 2, and n xlarge has 4 n.
    """
    match = _SIZE.fullmatch(instance_type)
    xlarges = match["xlarges"] if match else None
    count = _CPUS if xlarges is None else _XLARGE_CPUS * int(xlarges or 1)
    return min(count, limit)
