"""Scripts import this module of the real package and use nothing of it."""
