"""The environment of a training job, and the paths below /opt/ml, in serving containers too."""

from sagemaker_training import environment
from sagemaker_training.environment import *  # noqa: F403 - of the same names in this module
from sagemaker_training.environment import model_dir as model_dir

TrainingEnv = environment.Environment
