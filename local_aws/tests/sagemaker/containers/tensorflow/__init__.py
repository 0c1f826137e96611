"""Tests of the TensorFlow containers."""
