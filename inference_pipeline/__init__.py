"""What runs inside serving containers, and nothing else: the stages of the inference pipeline.

It imports only what the scikit-learn image has, and of the library only its light modules.
"""
