"""Tests of the playground and its page."""
