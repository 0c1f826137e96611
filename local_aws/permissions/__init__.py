"""What policies allow: the checks of calls, the policies of buckets, and simulations."""
