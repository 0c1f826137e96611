"""The launchers of the training images: their modules, variables, packages, and commands.

The scikit-learn image starts sagemaker-training alone. The TensorFlow image has its own launcher
around that, which SAGEMAKER_TRAINING_MODULE names; its variables come from its Dockerfile.
"""

import importlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from local_aws.errors import ValidationError, not_reproduced
from local_aws.processes import watched
from local_aws.records import Record
from local_aws.sagemaker.containers.environment import SCIKIT_LEARN_SITE, OptMl, container_env
from local_aws.sagemaker.containers.images import Image, find_image
from local_aws.sagemaker.containers.images.environments import is_installed
from local_aws.sagemaker.jobs.machine import Cluster
from local_aws.sagemaker.region import Region

_SITE = Path(__file__).parents[1] / "containers" / "sites" / "tensorflow_training"
# Other ways to train on several machines, which need programs that are not available locally.
_DISTRIBUTIONS = (
    "sagemaker_mpi_enabled",
    "sagemaker_distributed_dataparallel_enabled",
    "sagemaker_parameter_server_enabled",
)


@dataclass(frozen=True)
class Launcher:
    """The folders added to the import path of a job, and the variables of its image."""

    sites: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    # Packages of the image that the machine may lack, each by all of its names.
    needs: tuple[tuple[str, ...], ...] = ()


_TENSORFLOW = Launcher(
    (_SITE,),
    {
        "SAGEMAKER_TRAINING_MODULE": "sagemaker_tensorflow_container.training:main",
        "DLC_CONTAINER_TYPE": "training",
        "KMP_AFFINITY": "granularity=fine,compact,1,0",
        "KMP_BLOCKTIME": "1",
        "KMP_SETTINGS": "0",
        "TF_AUTOTUNE_THRESHOLD": "2",
    },
    needs=(("tensorflow", "tensorflow-cpu"), ("keras",)),
)
_LAUNCHERS = {
    "sagemaker-scikit-learn": Launcher((SCIKIT_LEARN_SITE,)),
    "tensorflow-training": _TENSORFLOW,
}


def find_launcher(image: Image) -> Launcher:
    """Return the launcher of an image; raise ValidationError for one that cannot train."""
    name = image.name.partition(":")[0]
    if name not in _LAUNCHERS:
        known = ", ".join(sorted(_LAUNCHERS))
        raise ValidationError(
            f"The image {image.name} has no launcher for training jobs and no programs for "
            f"processing jobs. Images with both: {known}."
        )
    return _LAUNCHERS[name]


def check_launcher(image: Image, request: Mapping[str, Any]) -> None:
    """Raise ValidationError unless a job of the image can be launched here."""
    launcher = find_launcher(image)
    importlib.invalidate_caches()  # it may have been installed a moment ago
    for names in () if is_installed(image) else launcher.needs:
        if not any(_has_project(name) for name in names):
            raise ValidationError(
                f"The image {image.name} needs {names[0]}, which is not completely installed "
                "where the local AWS runs. Install the extra `tensorflow` of local-aws there: "
                "uv sync --extra tensorflow; or the packages of the image: "
                f"local-aws images install {image.name}"
            )
    hyperparameters = request.get("HyperParameters", {})
    for name in _DISTRIBUTIONS:
        if hyperparameters.get(name, "false").strip('"').lower() == "true":
            raise not_reproduced(f"the hyperparameter {name} of CreateTrainingJob")


def _has_project(project: str) -> bool:
    """Return whether a project is completely installed: uv and pip write INSTALLER last."""
    try:
        distribution = metadata.distribution(project)
    except metadata.PackageNotFoundError:
        return False
    return bool(distribution.read_text("METADATA") and distribution.read_text("INSTALLER"))


def launch_environment(
    region: Region, record: Record, cluster: Cluster, ml: Path
) -> dict[str, str]:
    """Return the environment of a job's process, whose /opt/ml is the folder `ml`."""
    image = find_image(record["AlgorithmSpecification"]["TrainingImage"])
    launcher = find_launcher(image)
    declared = {
        "TRAINING_JOB_NAME": record["TrainingJobName"],
        "TRAINING_JOB_ARN": record["TrainingJobArn"],
        "SM_STUDIO_LOCAL_MODE": "true",  # or the launcher looks up algo-1 for 15 minutes
        **launcher.variables,
        "LOCAL_AWS_ADDRESSES": json.dumps(cluster.addresses),  # for TensorFlow's launcher
        **record.get("Environment", {}),
    }
    return container_env(region, image, ml, declared, list(launcher.sites))


def members_without_effect(job: Record) -> list[str]:
    """Return the members of a job's request that are stored and returned, but have no effect."""
    profiler = job.get("ProfilerConfig", {})
    algorithm = job.get("AlgorithmSpecification", {})
    present = {
        "DebugHookConfig": bool(job.get("DebugHookConfig")),
        "ProfilerConfig": bool(profiler) and not profiler.get("DisableProfiler"),
        "EnableSageMakerMetricsTimeSeries": algorithm.get("EnableSageMakerMetricsTimeSeries"),
    }
    return [name for name, is_present in present.items() if is_present]


def launch_command(
    algorithm: Mapping[str, Any], opt_ml: OptMl, channels: Path, python: Path
) -> list[str]:
    """Return the command of a job; `python` is that of its image."""
    entry_point = algorithm.get("ContainerEntrypoint")
    if not entry_point:
        return [str(python), "-m", "sagemaker_training.cli.train"]
    for path in (channels / "sm_drivers").rglob("*"):
        if path.is_file():
            text = path.read_bytes().decode("utf-8", "surrogateescape")
            path.write_bytes(opt_ml.located(text).encode("utf-8", "surrogateescape"))
    words = [*entry_point, *algorithm.get("ContainerArguments", [])]
    return watched([*map(opt_ml.located, words)])
