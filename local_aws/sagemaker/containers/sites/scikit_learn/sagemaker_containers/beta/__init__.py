"""The name under which the real package offers its framework."""
