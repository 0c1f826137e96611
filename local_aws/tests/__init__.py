"""Tests of the local AWS, all against the real process."""
