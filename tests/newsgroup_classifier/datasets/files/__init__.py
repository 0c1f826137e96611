"""Tests of the readers of users' own files."""
