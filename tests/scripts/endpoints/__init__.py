"""Tests of scripts/endpoints."""
