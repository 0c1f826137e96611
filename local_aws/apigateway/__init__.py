"""API Gateway's HTTP APIs: made by apigatewayv2's operations, and really routed to functions."""
