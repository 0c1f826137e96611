"""Run a user's entry point as the toolkit does; scripts import it under both of its names."""

from sagemaker_training.entry_point import install, run

__all__ = ["install", "run"]
