"""The reproduced operations of SageMaker's control plane, with one module per kind of resource."""
