"""Releases that are checked, watched, rolled back, and traced to their origin."""
