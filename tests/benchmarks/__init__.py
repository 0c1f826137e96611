"""Tests of what the measurements measure."""
