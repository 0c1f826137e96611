"""Tests of the serving stages."""
