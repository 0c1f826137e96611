"""What a training container starts: one entry point a framework, and what they share."""
