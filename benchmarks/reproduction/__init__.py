"""Measure every figure of the documents again, and write the page of results."""
