"""The AWS account: clients, names, stacks, container images, and the model registry."""
