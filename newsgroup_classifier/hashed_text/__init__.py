"""Weighted n-grams of texts by array hashing, and linear models on them.

Training, the serving containers, and the Lambda function share this folder, so it imports only the
standard library, numpy, and itself.
"""
