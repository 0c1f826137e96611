"""A local AWS that really trains, serves and invokes: our SageMaker front, moto for the rest.

Start it with `python -m local_aws --port 4566`; any boto3, AWS CLI or SDK process with
AWS_ENDPOINT_URL=http://127.0.0.1:4566 then works. It imports nothing of the project around it.
"""
