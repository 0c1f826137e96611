"""Instance types whose processor the local AWS does not have are refused by name."""

import boto3
import pytest

from local_aws.errors import ValidationError
from local_aws.sagemaker.hosting.specs import check_processor
from local_aws.tests.account import VARIANT, refusal, unique

ENUMS = ("TrainingInstanceType", "ProductionVariantInstanceType", "TransformInstanceType")
X86 = (
    "c4 c5 c5d c5n c6i c6in c7i c7i-flex c8i c8i-flex m4 m5 m5d m6i m7i m7i-flex m8i m8i-flex "
    "r5 r5d r6i r7i r8i r8i-flex t2 t3"
)


def test_types_with_an_x86_cpu_are_the_only_ones_that_are_accepted():
    client = boto3.client(
        "sagemaker", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    shapes = [client.meta.service_model.shape_for(enum) for enum in ENUMS]
    accepted, refused = set(), set()
    for name in sorted({name for shape in shapes for name in shape.enum}):
        family = name.split(".")[1]
        try:
            check_processor(name, "a job")
            accepted.add(family)
        except ValidationError as error:
            assert f" of {name} in a job." in str(error)
            refused.add(family)
    assert accepted == set(X86.split())
    assert refused.isdisjoint(accepted)


@pytest.mark.parametrize(
    ("name", "processor"), [("ml.g5.xlarge", "GPU"), ("ml.trn1.2xlarge", "accelerator")]
)
def test_training_job_on_an_accelerator_is_refused(account, name, processor):
    request = account.job_request({"train.py": ""})
    request["ResourceConfig"]["InstanceType"] = name
    code, message = refusal(account.sagemaker.create_training_job, **request)
    assert code == "ValidationException"
    assert (
        message == f"The local AWS does not reproduce the {processor} of {name} in a training job."
    )


@pytest.fixture
def model(account):
    """Create a model; return its name."""
    name = unique("model")
    container = account.packed_container("")
    account.sagemaker.create_model(ModelName=name, PrimaryContainer=container)
    return name


@pytest.mark.parametrize(
    ("name", "processor"),
    [("ml.p3.2xlarge", "GPU"), ("ml.inf2.xlarge", "accelerator"), ("ml.c6g.large", "arm64 CPU")],
)
def test_endpoint_configuration_of_another_processor_is_refused(account, model, name, processor):
    variant = {
        "VariantName": VARIANT,
        "ModelName": model,
        "InitialInstanceCount": 1,
        "InstanceType": name,
    }
    code, message = refusal(
        account.sagemaker.create_endpoint_config,
        EndpointConfigName=unique("config"),
        ProductionVariants=[variant],
    )
    assert code == "ValidationException"
    assert message == (
        f"The local AWS does not reproduce the {processor} of {name} in an endpoint configuration."
    )


def test_transform_job_on_gpus_is_refused(account, model):
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{account.bucket}/in/"}}
    code, message = refusal(
        account.sagemaker.create_transform_job,
        TransformJobName=unique("job"),
        ModelName=model,
        TransformInput={"DataSource": source},
        TransformOutput={"S3OutputPath": f"s3://{account.bucket}/out/"},
        TransformResources={"InstanceType": "ml.g4dn.xlarge", "InstanceCount": 1},
    )
    assert code == "ValidationException"
    assert message == (
        "The local AWS does not reproduce the GPU of ml.g4dn.xlarge in a transform job."
    )
