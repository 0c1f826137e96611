"""Stands in for pip inside local containers: checks requirements, installs nothing."""
