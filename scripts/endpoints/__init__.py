"""SageMaker endpoints: request plans, releases, invocation bodies, and removal."""
