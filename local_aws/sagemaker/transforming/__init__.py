"""Batch transform jobs: files from S3 through the containers of a model, and back to S3.

plan.py          what a job asks for, with SageMaker's defaults
job.py           a job from its record to its end
instance.py      one instance: its containers, its share of the files, its logs
sending.py       so many calls at once, tried again, answered in order
splitting.py     a file into records, records into batches
processing.py    InputFilter, JoinSource and OutputFilter
json_paths.py    the JSONPath that these filters have
output.py        the answers of a file put together, and into S3
data_log.py      what SageMaker says of a job's data
"""
