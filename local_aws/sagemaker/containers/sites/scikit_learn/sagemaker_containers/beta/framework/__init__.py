"""The modules of the framework, each imported at its first use.

In the real package they are attributes of this one, so `framework.encoders` works without an import
of its own.
"""

import importlib
from types import ModuleType
from typing import Any

_OWN = ("encoders", "env", "server", "transformer", "worker")
_SHARED = (
    *("content_types", "entry_point", "errors", "files", "functions", "mapping", "modules"),
    *("params", "process", "runner", "trainer"),
)
_MODULES = {
    **{name: f"{__name__}.{name}" for name in _OWN},
    **{name: f"sagemaker_training.{name}" for name in _SHARED},
    "logging": "sagemaker_training.logging_config",
}


def __getattr__(name: str) -> ModuleType:
    """Return a module of the framework."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return importlib.import_module(_MODULES[name])


def training_env(
    resource_config: Any = None, input_data_config: Any = None, hyperparameters: Any = None
) -> Any:
    """Return the environment of the training job, or of the given configuration."""
    from sagemaker_containers.beta.framework import env

    return env.TrainingEnv(resource_config, input_data_config, hyperparameters)
