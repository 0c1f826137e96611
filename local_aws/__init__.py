"""A local AWS that really trains, serves, and invokes: our own SageMaker, and moto for the rest.

Start it with `local-aws` or `python -m local_aws`. Any boto3, AWS CLI, or SDK process with
AWS_ENDPOINT_URL=http://127.0.0.1:4566 then uses it.
"""
