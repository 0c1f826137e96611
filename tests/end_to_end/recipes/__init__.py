"""End-to-end tests of recipes with additional steps: searches, streams, vectors, lexicons."""
