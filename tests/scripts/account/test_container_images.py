"""The image of a container fits the processor of its instances, or the type is refused."""

import json
from importlib import resources

import boto3
import pytest

from local_aws.sagemaker.containers.images import find_image
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.container_images import (
    ARM,
    CPU,
    GPU,
    NONE,
    SCIKIT_LEARN_PACKAGES,
    check_instance_type,
    image_address,
    processor_of,
)
from scripts.account.naming import PIPELINE
from scripts.account.registry import package_call
from scripts.endpoints.planning import containers_for
from tests.scripts.processes import IMAGE, IMAGES, SERVING_IMAGE


def test_packages_that_models_may_import_are_those_of_the_image():
    assert find_image(f"x/{IMAGE.rpartition('/')[2]}").distributions.keys() == SCIKIT_LEARN_PACKAGES


# The families of every type that SageMaker has for training, hosting, and transforms.
FAMILIES = {
    CPU: "c4 c5 c5d c5n c6i c6in c7i c7i-flex c8i c8i-flex m4 m5 m5d m6i m7i m7i-flex m8i m8i-flex "
    "r5 r5d r6i r7i r8i r8i-flex t2 t3",
    GPU: "g4dn g5 g6 g6e g7 g7e p3 p3dn p4d p4de p5 p5e p5en p6-b200 p6-b300",
    ARM: "c6g c6gd c6gn c7g c8g m6g m6gd m8g r6g r6gd r7gd r8g",
    NONE: "dl1 inf1 inf2 p2 p6e-gb200 trn1 trn1n trn2",
}
ENUMS = ("TrainingInstanceType", "ProductionVariantInstanceType", "TransformInstanceType")
GPU_SERVING = SERVING_IMAGE.replace("-cpu-", "-gpu-")


@pytest.fixture
def remote(monkeypatch):
    """Return AWS itself, which is not called."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    return Aws("us-east-1")


@pytest.fixture
def local(monkeypatch):
    """Return a local AWS, which is not called."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    return Aws("us-east-1")


def types() -> list[str]:
    """Return every instance type of botocore's model of SageMaker."""
    model = boto3.client(
        "sagemaker", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    ).meta.service_model
    return sorted({name for enum in ENUMS for name in model.shape_for(enum).enum})


def test_every_instance_type_of_sagemaker_has_the_processor_of_its_family():
    expected = {family: kind for kind, names in FAMILIES.items() for family in names.split()}
    names = types()
    assert len(names) > 300
    assert {name.split(".")[1] for name in names} <= set(expected)
    for name in names:
        assert processor_of(name) == expected[name.split(".")[1]], name


@pytest.mark.parametrize("name", ["x", "ml.local", "ml..large", ""])
def test_name_that_is_not_of_an_instance_type_is_left_to_aws(name):
    assert processor_of(name) == CPU


def test_image_for_a_gpu_type_is_the_one_for_gpus(remote):
    training = image_address(remote, "tensorflow", "ml.g5.xlarge")
    assert training.endswith("/tensorflow-training:2.21-gpu-py312")
    assert image_address(remote, "tensorflow-serving", "ml.p4d.24xlarge") == GPU_SERVING
    assert image_address(remote, "tensorflow-serving", "ml.m5.large") == SERVING_IMAGE
    assert image_address(remote, "scikit-learn", "ml.g5.xlarge") == IMAGE


def test_images_for_gpus_and_arm64_are_those_of_the_sdks_list(remote):
    # If this fails, AWS has published an image that the commands could choose.
    folder = resources.files("sagemaker.core.image_uri_config")
    config = {
        name: json.loads((folder / f"{name}.json").read_text())
        for name in ("sklearn", "tensorflow")
    }
    assert config["sklearn"]["training"]["versions"]["1.9-0"]["processors"] == ["cpu"]
    tensorflow = config["tensorflow"]
    assert tensorflow["training"]["processors"] == ["cpu", "gpu"]
    assert tensorflow["inference"]["processors"] == ["cpu", "gpu"]
    assert "1.9-0" not in config["sklearn"]["inference_graviton"]["versions"]
    assert "2.20.0" not in tensorflow["inference_graviton"]["versions"]


@pytest.mark.parametrize("framework", ["scikit-learn", "tensorflow"])
def test_types_without_an_image_are_refused_with_types_that_fit(remote, framework):
    for name in types():
        processor = processor_of(name)
        if processor == CPU or (processor == GPU and framework == "tensorflow"):
            check_instance_type(remote, [framework], name)
            continue
        with pytest.raises(DeploymentError) as caught:
            check_instance_type(remote, [framework], name)
        message = str(caught.value)
        assert message.startswith(f"instance type {name} has {processor}, and ")
        assert "expected a type with an x86 CPU such as ml.m5.large" in message
        assert ("ml.g5.xlarge" in message.split("expected")[1]) == (framework == "tensorflow")


@pytest.mark.parametrize(
    ("place", "image", "reason"),
    [
        ("remote", "scikit-learn", "sagemaker-scikit-learn:1.9-0-cpu-py3 would not use it"),
        ("local", "tensorflow", "the local AWS does not reproduce GPUs"),
    ],
)
def test_gpu_that_no_container_would_use_is_refused(request, place, image, reason):
    with pytest.raises(DeploymentError) as caught:
        check_instance_type(request.getfixturevalue(place), [image], "ml.g5.xlarge")
    assert str(caught.value) == (
        f"instance type ml.g5.xlarge has a GPU, and {reason}; expected a type with an x86 CPU such "
        "as ml.m5.large"
    )


def package(recipe, images=IMAGES):
    call = package_call(RECIPES[recipe], images, "s3://bucket/model.tar.gz", approved=True)
    return {"ModelPackageArn": "arn:1", **call.parameters}


def containers(aws, recipe, instance_type, images=IMAGES):
    described = package(recipe, images)
    return containers_for(aws, RECIPES[recipe], described, PIPELINE, instance_type)


def test_endpoint_on_gpus_has_the_gpu_image_where_there_is_one(remote):
    found = containers(remote, "headlines-fast", "ml.g5.xlarge")
    assert [one["Image"] for one in found] == [IMAGE, GPU_SERVING, IMAGE]
    assert (
        containers(remote, "headlines-fast", "ml.m5.large")
        == (package("headlines-fast")["InferenceSpecification"]["Containers"])
    )


@pytest.mark.parametrize("name", ["ml.g5.xlarge", "ml.c7g.large", "ml.inf2.xlarge"])
def test_endpoint_of_a_recipe_without_a_fitting_image_is_refused(remote, name):
    with pytest.raises(DeploymentError, match=f"^instance type {name} has "):
        containers(remote, "newsgroups-naive-bayes", name)


def test_package_of_another_image_is_not_served_by_the_gpu_image_of_this_one(remote):
    older = IMAGES | {"tensorflow-serving": SERVING_IMAGE.replace("2.20", "2.19")}
    with pytest.raises(DeploymentError, match=r"was registered with .*2\.19-cpu-py312, whose"):
        containers(remote, "digits-cnn", "ml.g5.xlarge", older)
