"""End-to-end tests: the commands, from the upload of data to predictions and deletion."""
