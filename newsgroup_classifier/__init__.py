"""The library: train models and write artifacts. It does not depend on AWS."""
