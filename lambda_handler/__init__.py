"""The code of the Lambda package.

It imports the standard library, numpy, itself, and the parts of the library that serving containers
use, too.
"""
