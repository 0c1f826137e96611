"""The operations of SageMaker's control plane that the local AWS reproduces, one module a kind."""
