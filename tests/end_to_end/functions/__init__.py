"""End-to-end tests of a Lambda function and its HTTP API."""
