"""The servers behind an endpoint: containers, their instances, and the fleet of instances."""
