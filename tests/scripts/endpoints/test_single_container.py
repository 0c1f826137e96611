"""--target single: the TensorFlow container of a package alone, for models that take strings."""

import argparse

import pytest

from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.naming import SINGLE, endpoint_name
from scripts.account.registry import package_call
from scripts.endpoints.flags import add_target_arguments, fill_in
from scripts.endpoints.single_container import check_single, containers_of
from tests.scripts.processes import IMAGES, SERVING_IMAGE

ABLE = [name for name, recipe in RECIPES.items() if recipe.takes_strings]


def package(name):
    call = package_call(RECIPES[name], IMAGES, "s3://bucket/model.tar.gz", approved=True)
    return {"ModelPackageArn": "arn", **call.parameters}


@pytest.mark.parametrize("name", ABLE)
def test_single_of_a_model_that_takes_strings_is_the_tensorflow_container(name):
    check_single(RECIPES[name])
    (container,) = containers_of(RECIPES[name], package(name), SINGLE)
    assert container["Image"] == SERVING_IMAGE


@pytest.mark.parametrize("name", RECIPES)
def test_pipeline_has_all_containers_of_the_package(name):
    found = containers_of(RECIPES[name], package(name), "pipeline")
    assert [one["ContainerHostname"] for one in found] == [
        stage.name for stage in RECIPES[name].stages
    ]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("newsgroups-naive-bayes", "it has no TensorFlow container"),
        ("comments-dense", "its model takes no raw strings, so it needs the container that"),
        ("digits-cnn", "its endpoint is one container already; use --target pipeline"),
    ],
)
def test_single_of_another_recipe_is_refused_and_says_why_and_which_have_it(name, why):
    with pytest.raises(DeploymentError) as caught:
        check_single(RECIPES[name])
    assert str(caught.value).startswith(f"recipe {name} has no --target single: {why}")
    assert str(caught.value).endswith(f"(recipes that have it: {', '.join(ABLE)})")


def test_single_of_a_package_without_the_container_says_so():
    package = {"ModelPackageArn": "arn:1", "InferenceSpecification": {"Containers": [{}, {}]}}
    with pytest.raises(DeploymentError, match="arn:1 has no container named model"):
        containers_of(RECIPES["headlines-fast"], package, SINGLE)


def test_single_takes_the_flags_of_an_endpoint_and_has_a_name_of_its_own():
    parser = argparse.ArgumentParser()
    parser.add_argument("--target")
    add_target_arguments(parser)
    arguments = parser.parse_args(["--target", SINGLE, "--instance-count", "2"])
    fill_in(arguments)
    assert (arguments.instance_count, arguments.instance_type) == (2, "ml.m5.large")
    assert endpoint_name("headlines-fast", SINGLE) == "headlines-fast-single"
