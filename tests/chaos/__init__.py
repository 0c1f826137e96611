"""Endpoints and HTTP APIs under load, while processes are killed and models replaced."""
