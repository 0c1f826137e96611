"""Processing jobs: a program of the user's own, with folders from and to S3.

job        the steps of a job, from its record to its outputs
host       a machine with the inputs and outputs of the job
paths      the folders of inputs and outputs, and the command
"""
