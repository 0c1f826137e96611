"""Any body, valid or hostile, of requests to endpoints and functions."""
