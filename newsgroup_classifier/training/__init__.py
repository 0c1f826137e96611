"""Training programs: one entry point per framework, and what they share."""
