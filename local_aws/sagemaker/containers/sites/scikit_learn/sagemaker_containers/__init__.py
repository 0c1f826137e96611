"""The part of AWS's sagemaker-containers 2.8.6 that serving code imports, written anew.

It keeps the observable behaviour of the real package, its quirks included: a test names each.
"""
