"""The same module as sagemaker_containers.entry_point."""

from sagemaker_containers.entry_point import install, run

__all__ = ["install", "run"]
