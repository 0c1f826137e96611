"""Import and install the user's module."""

from types import ModuleType
from typing import Any

from sagemaker_training import files, modules
from sagemaker_training.environment import code_dir
from sagemaker_training.modules import *  # noqa: F403 - of the same names in this module
from sagemaker_training.modules import DEFAULT_MODULE_NAME


def download_and_install(uri: str, name: str = DEFAULT_MODULE_NAME, cache: bool = True) -> None:
    """Download a bundle to the code folder and install its requirements; ignore `cache`."""
    files.download_and_extract(uri, code_dir)
    modules.install_requirements(code_dir)


def import_module(uri: str, name: str = DEFAULT_MODULE_NAME, cache: Any = None) -> ModuleType:
    """Download a bundle, install its requirements, and import a module of it; ignore `cache`."""
    module: ModuleType = modules.import_module(uri, name)
    return module
