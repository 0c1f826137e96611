"""The words of a text that speak for and against its label.

Training, the serving containers, and the Lambda function share this folder, so it imports only the
standard library, numpy, and itself.
"""
