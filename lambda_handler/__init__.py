"""The code of the Lambda package.

It imports the standard library, numpy, itself, and one room of the library: `hashed_text`.
"""
