"""Batch transform jobs: input files, requests, outputs, and reports."""
