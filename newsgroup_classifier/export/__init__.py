"""Write a fitted model in forms without Python objects: the Lambda's .npz file, a SavedModel.

`lambda_handler.model` says what an .npz file holds. Nothing is unpickled where it is read.
"""
