"""Tests of local_aws/console."""
