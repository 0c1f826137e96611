"""Tests of the report of a training job."""
