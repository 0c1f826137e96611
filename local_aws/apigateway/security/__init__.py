"""Who may call the routes of an HTTP API: tokens, signatures, and cross-origin requests."""
