"""Clients of other people run unchanged in the local AWS."""
