"""Tests of guarded updates of endpoints."""
