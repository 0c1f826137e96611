"""Tests of scripts/steps."""
