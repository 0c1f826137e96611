"""The serving side of AWS's TensorFlow inference container, written anew for the local AWS.

`serve` starts the model server and what stands in front of it: `front` where the model has no code
of its own (nginx and its JavaScript in the real container), `python_service` where it has.
"""
