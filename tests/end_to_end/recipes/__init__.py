"""Recipes whose path has steps of its own: searches, streams, vectors, lexicons."""
