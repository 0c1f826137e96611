"""Imported by the process that all commands are forked from: read the models of their services."""

from local_aws.tests.service_models import share_models

share_models("cloudformation", "iam", "lambda", "logs", "s3", "sagemaker", "sts")
