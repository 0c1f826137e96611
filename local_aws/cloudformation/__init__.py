"""CloudFormation: stacks whose resources are created by calls to this local AWS."""
