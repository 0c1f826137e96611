"""Read the models of AWS services once per process; each boto3 session would read them again."""

from functools import cache

import boto3
from botocore.loaders import JSONFileLoader

_read = cache(JSONFileLoader().load_file)


def share_models(*services: str) -> None:
    """Make all sessions of this process and of its forks share the models, and read some now."""
    JSONFileLoader.load_file = lambda _, path: _read(path)
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    session = boto3.session.Session(region_name="us-east-1", **keys)
    for service in services:
        session.client(service)
