"""CloudFormation: stacks whose resources are made by calls to this local AWS itself."""
