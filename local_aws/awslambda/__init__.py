"""AWS Lambda: functions run as processes under AWS's own awslambdaric, no Docker needed."""
