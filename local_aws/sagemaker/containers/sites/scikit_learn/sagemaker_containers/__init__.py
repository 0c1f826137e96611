"""The part of AWS's sagemaker-containers 2.8.6 that training and serving code uses, reimplemented.

It reproduces the observable behavior of the real package, including quirks; a test covers each.
What it shares with its successor, sagemaker-training, comes from there: both are in the image.
"""

from sagemaker_containers.beta.framework import training_env as training_env
