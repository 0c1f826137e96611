"""The code of the Lambda package. It imports only the standard library, numpy and itself."""
