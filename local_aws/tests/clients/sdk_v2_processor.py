"""Preprocess data with SKLearnProcessor of SDK v2, as AWS's notebooks do; the SDK's Python runs it.

Usage: sdk_v2_processor.py ROLE BUCKET DATA IMAGE
"""

# ruff: noqa: T201 - the test reads what it prints

import sys

from sagemaker.sklearn.processing import SKLearnProcessor

import sagemaker
from sagemaker.processing import ProcessingInput, ProcessingOutput

PROGRAM = """
import argparse
import pandas as pd

parser = argparse.ArgumentParser()
parser.add_argument("--train-test-split-ratio", type=float)
arguments = parser.parse_args()
frame = pd.read_csv("/opt/ml/processing/input/census.csv")
test = frame.sample(frac=arguments.train_test_split_ratio, random_state=0)
frame.drop(test.index).to_csv("/opt/ml/processing/train/train.csv", index=False)
test.to_csv("/opt/ml/processing/test/test.csv", index=False)
"""

role, bucket, data, image = sys.argv[1:]
with open("preprocessing.py", "w") as file:  # noqa: PTH123 - as in the notebooks
    file.write(PROGRAM)
processor = SKLearnProcessor(
    framework_version="1.2-1",  # the newest that this SDK knows
    role=role,
    instance_type="ml.m5.xlarge",
    instance_count=1,
    base_job_name="sdk-v2",
    sagemaker_session=sagemaker.Session(default_bucket=bucket),
)
processor.image_uri = image
processor.run(
    code="preprocessing.py",
    inputs=[ProcessingInput(source=data, destination="/opt/ml/processing/input")],
    outputs=[
        ProcessingOutput(output_name="train_data", source="/opt/ml/processing/train"),
        ProcessingOutput(output_name="test_data", source="/opt/ml/processing/test"),
    ],
    arguments=["--train-test-split-ratio", "0.2"],
)
job = processor.jobs[-1].describe()
print(job["ProcessingJobStatus"])
for output in job["ProcessingOutputConfig"]["Outputs"]:
    print(output["OutputName"], output["S3Output"]["S3Uri"])
