"""Train, deploy, invoke, transform, and delete with sagemaker-core; its own Python runs it.

Usage: sagemaker_core_workflow.py ROLE BUCKET DATA IMAGE BUNDLE
"""

# ruff: noqa: T201 - the test reads what it prints

import json
import sys

from sagemaker.core.resources import Endpoint, EndpointConfig, Model, TrainingJob, TransformJob
from sagemaker.core.shapes import (
    AlgorithmSpecification,
    Channel,
    ContainerDefinition,
    DataSource,
    OutputDataConfig,
    ProductionVariant,
    ResourceConfig,
    S3DataSource,
    StoppingCondition,
    TransformDataSource,
    TransformInput,
    TransformOutput,
    TransformResources,
    TransformS3DataSource,
)

role, bucket, data, image, bundle = sys.argv[1:]
name, kind = "core-workflow", "ml.m5.large"
source = S3DataSource(s3_data_type="S3Prefix", s3_uri=data)
job = TrainingJob.create(
    training_job_name=name,
    role_arn=role,
    algorithm_specification=AlgorithmSpecification(
        training_image=image, training_input_mode="File"
    ),
    hyper_parameters={
        "max_leaf_nodes": "3",
        "sagemaker_program": "iris.py",
        "sagemaker_submit_directory": bundle,
    },
    input_data_config=[
        Channel(channel_name="train", data_source=DataSource(s3_data_source=source))
    ],
    output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/core"),
    resource_config=ResourceConfig(instance_type=kind, instance_count=1, volume_size_in_gb=1),
    stopping_condition=StoppingCondition(max_runtime_in_seconds=600),
)
job.wait(poll=1, logs=True)

model = Model.create(
    model_name=name,
    execution_role_arn=role,
    primary_container=ContainerDefinition(
        image=image,
        model_data_url=job.model_artifacts.s3_model_artifacts,
        environment={"SAGEMAKER_PROGRAM": "iris.py", "SAGEMAKER_SUBMIT_DIRECTORY": bundle},
    ),
)
variant = ProductionVariant(
    variant_name="all", model_name=name, initial_instance_count=1, instance_type=kind
)
config = EndpointConfig.create(endpoint_config_name=name, production_variants=[variant])
endpoint = Endpoint.create(endpoint_name=name, endpoint_config_name=name)
endpoint.wait_for_status("InService", poll=1)
answer = endpoint.invoke(body="5.1,3.5,1.4,0.2\n6.7,3.0,5.2,2.3", content_type="text/csv")
found = {"job": job.training_job_status, "predictions": json.loads(answer.body.read())}

place = TransformS3DataSource(s3_data_type="S3Prefix", s3_uri=data)
transform = TransformJob.create(
    transform_job_name=name,
    model_name=name,
    transform_input=TransformInput(
        data_source=TransformDataSource(s3_data_source=place),
        content_type="text/csv",
        split_type="Line",
    ),
    transform_output=TransformOutput(
        s3_output_path=f"s3://{bucket}/core/scored", accept="text/csv", assemble_with="Line"
    ),
    transform_resources=TransformResources(instance_type=kind, instance_count=1),
    data_processing={"input_filter": "$[1:]"},
)
transform.wait(poll=1)
found["transform"] = transform.transform_job_status

for resource in (endpoint, config, model):
    resource.delete()
print(f"\n{json.dumps(found)}")
