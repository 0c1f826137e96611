"""Batch transform jobs: files from S3 through the containers of a model, and back to S3.

plan.py          the options of a job, with SageMaker's defaults
job.py           a job from its record to its end
instance.py      an instance: its containers, its share of the files, its logs
file.py          an object on its way through an instance
sending.py       concurrent calls, with retries, and responses in order
splitting.py     a file into records, and records into batches
processing.py    InputFilter, JoinSource, and OutputFilter
json_paths.py    the JSONPath of these filters
output.py        the output file of an object
data_log.py      SageMaker's log about a job's files
"""
