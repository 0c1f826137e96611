"""Side-by-side measurements: each row is a ratio taken in one run."""
