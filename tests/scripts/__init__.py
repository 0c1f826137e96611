"""Tests of the commands people type, most of them run as real processes."""
