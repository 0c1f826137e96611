"""Batch transform jobs: files from S3 through the containers of a model, and back to S3."""
