"""Locate the published files of data sets, and read their formats."""
