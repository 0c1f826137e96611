"""Lambda's operations; each takes the functions of a region and a request, and returns a dict."""
