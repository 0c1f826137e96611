"""The environments of training and serving containers, and the paths below /opt/ml.

Both environments are mappings of their properties, as in the real package.
"""

import logging
import os
from typing import Any

from sagemaker_training import content_types, environment, mapping
from sagemaker_training.environment import *  # noqa: F403 - of the same names in this module
from sagemaker_training.environment import model_dir as model_dir

TrainingEnv = environment.Environment


def _variable(name: str, default: Any = None, kind: type = str) -> property:
    """Return a property with the value of a variable, or else its default."""

    def value(self: Any) -> Any:
        text = os.environ.get(name)
        return default if text is None else kind(text)

    return property(value)


class ServingEnv(mapping.MappingMixin):
    """The variables of a serving container, with the container's defaults."""

    user_entry_point = _variable("SAGEMAKER_PROGRAM")
    module_dir = _variable("SAGEMAKER_SUBMIT_DIRECTORY", environment.code_dir)
    model_dir = property(lambda self: environment.model_dir)
    current_host = _variable("CURRENT_HOST")
    num_cpus = _variable("LOCAL_AWS_CPUS", environment.num_cpus(), int)
    num_gpus = property(lambda self: environment.num_gpus())
    log_level = _variable("SAGEMAKER_CONTAINER_LOG_LEVEL", logging.INFO, int)
    framework_module = _variable("SAGEMAKER_SERVING_MODULE")
    default_accept = _variable("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", content_types.JSON)
    http_port = _variable("SAGEMAKER_BIND_TO_PORT", "8080")
    safe_port_range = _variable("SAGEMAKER_SAFE_PORT_RANGE")
    model_server_timeout = _variable("SAGEMAKER_MODEL_SERVER_TIMEOUT", 60, int)

    @property
    def module_name(self) -> str | None:
        """The user's module, without .py."""
        program = self.user_entry_point
        return program.removesuffix(".py") if program else None

    @property
    def model_server_workers(self) -> int:
        """Number of workers, by default one per CPU."""
        return int(os.environ.get("SAGEMAKER_MODEL_SERVER_WORKERS", self.num_cpus))

    @property
    def use_nginx(self) -> bool:
        """Whether nginx runs in front of the workers."""
        return os.environ.get("SAGEMAKER_USE_NGINX", "true").lower() in ("true", "1", "yes", "on")
