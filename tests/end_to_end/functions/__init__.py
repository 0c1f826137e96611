"""The path to a Lambda function and its HTTP API."""
