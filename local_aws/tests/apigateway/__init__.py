"""Tests of local_aws/apigateway."""
