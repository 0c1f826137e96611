"""The part of AWS's sagemaker-containers 2.8.6 that serving code imports, reimplemented.

It reproduces the observable behavior of the real package, including quirks; a test covers each.
"""
