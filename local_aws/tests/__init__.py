"""Tests of the local AWS, most of them against the real process."""
