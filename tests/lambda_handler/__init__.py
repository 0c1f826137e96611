"""Tests of the Lambda's handler."""
