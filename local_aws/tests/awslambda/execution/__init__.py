"""Tests of local_aws/awslambda/execution."""
