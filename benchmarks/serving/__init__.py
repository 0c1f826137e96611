"""Measurements of endpoints, containers, batch transform, and Lambda functions."""
