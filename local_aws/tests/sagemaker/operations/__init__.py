"""Tests of local_aws/sagemaker/operations."""
