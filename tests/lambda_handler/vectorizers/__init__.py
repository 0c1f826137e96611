"""Tests of the vectorizers and linear models of users."""
