"""AWS Lambda: functions run as processes under AWS's own awslambdaric, without Docker."""
