"""Metrics and alarms, which the services share and moto's CloudWatch stores."""
