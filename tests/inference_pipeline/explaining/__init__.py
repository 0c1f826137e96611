"""Tests of explanations in the serving stages."""
