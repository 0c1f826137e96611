"""Tests of the function in front of an endpoint."""
