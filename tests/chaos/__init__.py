"""Endpoints of our recipe under load while things are killed, replaced or simply many."""
