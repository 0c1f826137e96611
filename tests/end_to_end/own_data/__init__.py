"""The whole path with data of a user's own."""
