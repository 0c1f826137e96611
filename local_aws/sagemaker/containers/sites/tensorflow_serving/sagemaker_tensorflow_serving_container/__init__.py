"""The serving side of AWS's TensorFlow inference container, reimplemented for the local AWS.

`serve` starts the model servers and an HTTP server in front of them: `python_service` if the model
archive contains code, otherwise `proxy` (nginx with JavaScript in the real container).
"""
