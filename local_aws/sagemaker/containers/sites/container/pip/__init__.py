"""A stand-in for pip in local containers: it checks requirements and installs nothing."""
