"""Flags of deploy belong to one target, and have the defaults and ranges of its parameters."""

import argparse

import pytest

from local_aws.cloudformation.template import read_template
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.naming import LAMBDA, PIPELINE
from scripts.endpoints.flags import COUNTS, add_target_arguments, check_target_flags, deployed_flags
from scripts.functions.plans import TEMPLATE

PARAMETERS = {
    "memory": "MemorySize",
    "concurrency": "ReservedConcurrency",
    "rate": "ThrottleRate",
    "burst": "ThrottleBurst",
}


def parsed(target: str, *flags: str) -> argparse.Namespace:
    """Return the arguments as scripts.deploy parses them."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--target")
    add_target_arguments(parser)
    arguments = parser.parse_args(["--target", target, *flags])
    check_target_flags(arguments)
    return arguments


@pytest.mark.parametrize(
    ("target", "name", "flags"),
    [
        ("pipeline", None, ""),
        ("single", None, " --target single"),
        ("lambda", None, " --target lambda"),
        ("pipeline", "e", " --endpoint-name e"),
    ],
)
def test_suggested_command_names_the_deployment_and_its_environment(target, name, flags):
    arguments = argparse.Namespace(target=target, endpoint_name=name, stack="staging")
    found = deployed_flags(Aws("us-east-1"), RECIPES["headlines-fast"], arguments)
    assert found == f"--recipe headlines-fast --region us-east-1 --stack staging{flags}"


def test_counts_of_lambda_are_parameters_of_the_template():
    assert set(COUNTS[LAMBDA]) == set(PARAMETERS)


@pytest.mark.parametrize("name", PARAMETERS)
def test_defaults_and_ranges_of_lambda_match_the_template(name):
    template = read_template(TEMPLATE.read_text(encoding="utf-8"))
    count, parameter = COUNTS[LAMBDA][name], template["Parameters"][PARAMETERS[name]]
    assert count.default == parameter["Default"]
    assert count.minimum == parameter.get("MinValue", 1)
    assert count.maximum == parameter.get("MaxValue")


@pytest.mark.parametrize("text", ["", "0", "-1", "1.5", "two", "\u0663", "1e3"])
def test_text_that_is_not_a_count_is_refused(text, capsys):
    with pytest.raises(SystemExit):
        parsed(PIPELINE, f"--instance-count={text}")
    assert f"{text!r} is not a whole number of 1 or more" in capsys.readouterr().err


def test_absent_flags_are_none_so_that_an_update_keeps_them():
    arguments = parsed(LAMBDA, "--memory", "1024")
    assert (arguments.memory, arguments.concurrency) == (1024, None)
    assert (arguments.rate, arguments.burst) == (None, None)
    arguments = parsed(PIPELINE, "--endpoint-name", "mine")
    assert (arguments.endpoint_name, arguments.instance_type) == ("mine", None)
    assert arguments.instance_count is None


@pytest.mark.parametrize("flag", ["--memory=512", "--rate=100", "--concurrency=1"])
def test_flag_of_lambda_is_refused_for_an_endpoint_even_with_its_default(flag):
    with pytest.raises(DeploymentError, match=f"{flag.split('=')[0]} is for --target lambda"):
        parsed(PIPELINE, flag)
