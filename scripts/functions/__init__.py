"""The Lambda function and its HTTP API: packages, releases, calls, and removal."""
