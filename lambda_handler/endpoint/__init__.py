"""The Lambda function in front of a SageMaker endpoint. It also imports boto3, of the runtime."""
