"""The page of the local AWS: what runs in it, and what it printed."""
