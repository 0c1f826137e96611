"""Tests of scripts/account."""
