"""Tests of local_aws/cloudformation."""
