"""API Gateway's HTTP APIs: the operations of apigatewayv2, and calls that invoke functions."""
