"""Tests of scripts/functions."""
