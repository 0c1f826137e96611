"""What the policies of the local IAM allow: the checks of calls, and simulations."""
