"""Tests of processing jobs."""
