"""Code that runs in the TensorFlow container, before and after TensorFlow Serving.

It imports only packages of that image, which has neither TensorFlow, Flask, nor Werkzeug.
"""
