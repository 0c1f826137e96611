"""Write a fitted pipeline as the one .npz file that `lambda_handler` scores with.

One module a kind of model; `lambda_handler.model` says what a file holds. No object of Python is
in it, so nothing is unpickled where it is read.
"""
