"""Tests of scripts/transforms."""
