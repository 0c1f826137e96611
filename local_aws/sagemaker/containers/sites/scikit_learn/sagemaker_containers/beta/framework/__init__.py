"""The modules of the framework, each imported at its first use.

In the real package they are attributes of this one, so `framework.encoders` works without an import
of its own. Those that sagemaker-training has under another name are listed here.
"""

import importlib
from types import ModuleType
from typing import Any

_SUCCESSORS = {
    "files": "files",
    "functions": "functions",
    "logging": "logging_config",
    "mapping": "mapping",
    "params": "params",
    "process": "process",
    "runner": "runner",
    "trainer": "trainer",
}
_OWN = (
    *("content_types", "encoders", "entry_point", "env", "errors", "modules", "server"),
    *("transformer", "worker"),
)


def __getattr__(name: str) -> ModuleType:
    """Return a module of the framework."""
    if name in _SUCCESSORS:
        return importlib.import_module(f"sagemaker_training.{_SUCCESSORS[name]}")
    if name in _OWN:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def training_env(
    resource_config: Any = None, input_data_config: Any = None, hyperparameters: Any = None
) -> Any:
    """Return the environment of the training job, or of the given configuration."""
    from sagemaker_containers.beta.framework import env

    return env.TrainingEnv(resource_config, input_data_config, hyperparameters)
