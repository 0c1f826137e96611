"""What runs behind an endpoint: containers, chained in instances, instances in a fleet."""
