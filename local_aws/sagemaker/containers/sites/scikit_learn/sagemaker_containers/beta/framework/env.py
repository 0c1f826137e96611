"""The environments of training and serving containers, and the paths below /opt/ml.

Both environments are mappings of their properties, as in the real package.
"""

import logging
import os

from sagemaker_training import mapping
from sagemaker_training.environment import (
    Environment,
    base_dir,
    channel_path,
    code_dir,
    input_config_dir,
    input_dir,
    model_dir,
    num_cpus,
    num_gpus,
    output_data_dir,
    output_dir,
    output_intermediate_dir,
    read_hyperparameters,
    read_input_data_config,
    read_resource_config,
    write_env_vars,
)

from sagemaker_containers.beta.framework import content_types

__all__ = [
    "ServingEnv",
    "TrainingEnv",
    "base_dir",
    "channel_path",
    "code_dir",
    "input_config_dir",
    "input_dir",
    "model_dir",
    "num_cpus",
    "num_gpus",
    "output_data_dir",
    "output_dir",
    "output_intermediate_dir",
    "read_hyperparameters",
    "read_input_data_config",
    "read_resource_config",
    "write_env_vars",
]
TrainingEnv = Environment


class ServingEnv(mapping.MappingMixin):
    """The variables of a serving container, with the container's defaults."""

    @property
    def module_name(self) -> str | None:
        """The user's module, without .py."""
        program = os.environ.get("SAGEMAKER_PROGRAM")
        return program.removesuffix(".py") if program else None

    @property
    def user_entry_point(self) -> str | None:
        """The user's program, as declared."""
        return os.environ.get("SAGEMAKER_PROGRAM")

    @property
    def module_dir(self) -> str:
        """The folder or the archive with the user's code."""
        return os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", code_dir)

    @property
    def model_dir(self) -> str:
        """The folder with the model."""
        return str(model_dir)

    @property
    def current_host(self) -> str | None:
        """The name of the host, if it is declared."""
        return os.environ.get("CURRENT_HOST")

    @property
    def num_cpus(self) -> int:
        """CPUs of the instance."""
        return int(os.environ.get("LOCAL_AWS_CPUS", num_cpus()))

    @property
    def num_gpus(self) -> int:
        """GPUs of the instance."""
        return int(num_gpus())

    @property
    def log_level(self) -> int:
        """Level of the container's log."""
        return int(os.environ.get("SAGEMAKER_CONTAINER_LOG_LEVEL", logging.INFO))

    @property
    def framework_module(self) -> str | None:
        """The framework's module and function, if they are declared."""
        return os.environ.get("SAGEMAKER_SERVING_MODULE")

    @property
    def default_accept(self) -> str:
        """The content type of a response to a request that accepts any."""
        return os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", content_types.JSON)

    @property
    def http_port(self) -> str:
        """The port for requests."""
        return os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080")

    @property
    def safe_port_range(self) -> str | None:
        """The ports for other uses, as FIRST-LAST."""
        return os.environ.get("SAGEMAKER_SAFE_PORT_RANGE")

    @property
    def model_server_timeout(self) -> int:
        """Seconds after which a silent worker is killed."""
        return int(os.environ.get("SAGEMAKER_MODEL_SERVER_TIMEOUT", "60"))

    @property
    def model_server_workers(self) -> int:
        """Number of workers."""
        return int(os.environ.get("SAGEMAKER_MODEL_SERVER_WORKERS", self.num_cpus))

    @property
    def use_nginx(self) -> bool:
        """Whether nginx runs in front of the workers."""
        return os.environ.get("SAGEMAKER_USE_NGINX", "true").lower() in ("true", "1", "yes", "on")
