"""A user's own files: read them as tables or images, split them, and report on them."""
