"""Lambda's operations: each takes the functions of a region and a request, answers a dict."""
