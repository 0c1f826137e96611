"""Tests of model files, valid and not."""
