"""Tests of the linear text classifier."""
