"""Tests of what the policies of the local IAM allow."""
