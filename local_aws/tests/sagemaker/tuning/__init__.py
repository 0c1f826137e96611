"""Tests of local_aws/sagemaker/tuning."""
