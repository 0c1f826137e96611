"""Train, deploy, invoke, chain, transform, and delete with SDK v3; its own Python runs it.

Usage: sdk_v3_workflow.py ROLE BUCKET DATA IMAGE, in a folder with src/train.py and src/double.py.
"""

# ruff: noqa: T201 - the test reads what it prints

import json
import sys

from sagemaker.core.helper.session_helper import Session
from sagemaker.core.resources import Endpoint, EndpointConfig
from sagemaker.core.transformer import Transformer
from sagemaker.serve import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import InputData, SourceCode

role, bucket, data, image = sys.argv[1:]
session = Session(default_bucket=bucket)
points = "0.0,0.0\n9.0,9.0"
found = {}


def invoke(endpoint: Endpoint) -> object:
    """Return the predictions of an endpoint for two points."""
    response = endpoint.invoke(body=points, content_type="text/csv", accept="application/json")
    return json.loads(response.body.read())


def delete(endpoint: Endpoint) -> None:
    """Delete an endpoint and its configuration."""
    config = EndpointConfig.get(endpoint_config_name=endpoint.endpoint_name)
    endpoint.delete()
    config.delete()


trainer = ModelTrainer(
    training_image=image,
    role=role,
    sagemaker_session=session,
    base_job_name="sdk-v3",
    source_code=SourceCode(source_dir="src", entry_script="train.py"),
    hyperparameters={"strength": 1.0},
)
trainer.train(input_data_config=[InputData(channel_name="train", data_source=data)])
artifact = trainer._latest_training_job.model_artifacts.s3_model_artifacts

builder = ModelBuilder(
    image_uri=image,
    s3_model_data_url=artifact,
    source_code=SourceCode(source_dir="src", entry_script="train.py"),
    role_arn=role,
    sagemaker_session=session,
)
model = builder.build()
endpoint = builder.deploy()
found["predictions"] = invoke(endpoint)

doubler = ModelBuilder(
    image_uri=image,
    s3_model_data_url=artifact,
    source_code=SourceCode(source_dir="src", entry_script="double.py"),
    role_arn=role,
    sagemaker_session=session,
).build()
chain = ModelBuilder(model=[doubler, model], role_arn=role, sagemaker_session=session)
chained = chain.build()
chained_endpoint = chain.deploy(endpoint_name="sdk-v3-chain", instance_type="ml.m5.large")
found["chained"] = invoke(chained_endpoint)

transformer = Transformer(
    model_name=model.model_name,
    instance_count=1,
    instance_type="ml.m5.xlarge",
    accept="text/csv",
    assemble_with="Line",
    sagemaker_session=session,
)
transformer.transform(data, content_type="text/csv", split_type="Line", input_filter="$[1:]")
found["transform"] = transformer.latest_transform_job.transform_job_status
found["output"] = transformer.output_path

for each in (endpoint, chained_endpoint):
    delete(each)
transformer.delete_model()
for each in (doubler, chained):
    each.delete()
print(f"\n{json.dumps(found)}")
