"""Code that runs inside serving containers: the stages of the inference pipeline.

It imports only packages of the scikit-learn image and light modules of the library.
"""
