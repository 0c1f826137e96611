"""--target single selects the TensorFlow container, for models that accept strings."""

import argparse

import pytest

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.naming import SINGLE, endpoint_name
from scripts.account.registry import package_call
from scripts.endpoints.flags import add_target_arguments, check_target_flags
from scripts.endpoints.planning import select_containers
from scripts.endpoints.release import check_single
from tests.scripts.processes import IMAGES, SERVING_IMAGE

SUPPORTED = [name for name, recipe in RECIPES.items() if recipe.takes_strings]


def package(name):
    call = package_call(RECIPES[name], IMAGES, "s3://bucket/model.tar.gz", approved=True)
    return {"ModelPackageArn": "arn", **call.parameters}


@pytest.mark.parametrize("name", SUPPORTED)
def test_single_of_a_model_that_accepts_strings_is_the_tensorflow_container(name):
    check_single(RECIPES[name])
    (container,) = select_containers(RECIPES[name], package(name), SINGLE)
    assert container["Image"] == SERVING_IMAGE


@pytest.mark.parametrize("name", RECIPES)
def test_pipeline_has_all_containers_of_the_package(name):
    containers = select_containers(RECIPES[name], package(name), "pipeline")
    assert [one["ContainerHostname"] for one in containers] == [
        stage.name for stage in RECIPES[name].stages
    ]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("newsgroups-naive-bayes", "it has no TensorFlow container"),
        ("comments-dense", "its model does not accept raw strings, so it needs the"),
        ("digits-cnn", "its endpoint already has a single container; use --target pipeline"),
    ],
)
def test_single_of_an_unsupported_recipe_lists_the_supported_ones(name, reason):
    with pytest.raises(DeploymentError) as caught:
        check_single(RECIPES[name])
    assert str(caught.value).startswith(f"recipe {name} does not support --target single: {reason}")
    assert str(caught.value).endswith(f"(recipes that do: {', '.join(SUPPORTED)})")


def test_single_of_a_package_without_the_container_is_refused():
    package = {"ModelPackageArn": "arn:1", "InferenceSpecification": {"Containers": [{}, {}]}}
    with pytest.raises(DeploymentError, match="arn:1 has no container named model"):
        select_containers(RECIPES["headlines-fast"], package, SINGLE)


def test_single_has_the_flags_of_an_endpoint_and_its_own_name():
    parser = argparse.ArgumentParser()
    parser.add_argument("--target")
    add_target_arguments(parser)
    arguments = parser.parse_args(["--target", SINGLE, "--instance-count", "2"])
    check_target_flags(arguments)
    assert (arguments.instance_count, arguments.instance_type) == (2, None)
    assert endpoint_name("headlines-fast", SINGLE) == "headlines-fast-single"
