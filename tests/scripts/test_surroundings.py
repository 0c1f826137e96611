"""What is wrong around a script: no AWS, no credentials, no data. One line says so."""

from pathlib import Path

import pytest

from local_aws.testing import free_port
from tests.scripts.processes import RECIPE, Ended, clean_environment, offline, run


def run_alone(*arguments: str, **variables: str) -> Ended:
    """Run a script in an environment that points it nowhere but where the variables say."""
    ended = run(*arguments, environment=clean_environment() | variables)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.parametrize("script", ["setup", "train", "deploy"])
def test_a_local_aws_that_does_not_run_is_asked_after(script):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    recipe = [] if script == "setup" else ["--recipe", RECIPE]
    error = run_alone(script, *recipe, AWS_ENDPOINT_URL=url, AWS_MAX_ATTEMPTS="1").error
    assert f'Could not connect to the endpoint URL: "{url}/"' in error
    assert error.endswith(
        f"Is the local AWS running? Start it with: LOCAL_AWS_PORT={port} make local-aws"
    )


def test_an_invocation_asks_after_a_local_aws_that_does_not_run():
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    text = ["--recipe", RECIPE, "a text"]
    error = run_alone("invoke", *text, AWS_ENDPOINT_URL=url, AWS_MAX_ATTEMPTS="1").error
    assert error.endswith(
        f"Is the local AWS running? Start it with: LOCAL_AWS_PORT={port} make local-aws"
    )


def test_an_address_of_https_before_a_local_aws_is_said_to_need_http(local_aws):
    url = local_aws.url.replace("http:", "https:")
    error = run_alone("setup", AWS_ENDPOINT_URL=url, AWS_MAX_ATTEMPTS="1").error
    assert error == (
        f"the server at {url} does not use TLS. Set AWS_ENDPOINT_URL to an http: address"
    )


def test_an_address_without_a_scheme_is_refused_in_one_line():
    assert run_alone("setup", AWS_ENDPOINT_URL="localhost:4566").error == (
        "AWS_ENDPOINT_URL is 'localhost:4566'; expected an address such as http://127.0.0.1:4566"
    )


@pytest.mark.parametrize("script", ["setup", "train", "deploy", "delete"])
def test_without_credentials_and_without_a_local_aws_both_ways_out_are_named(script, tmp_path):
    recipe = [] if script == "setup" else ["--recipe", RECIPE]
    error = run_alone(script, *recipe, HOME=str(tmp_path), AWS_EC2_METADATA_DISABLED="true").error
    assert error.startswith("Unable to locate credentials. ")
    assert "Configure credentials, or set AWS_ENDPOINT_URL" in error
    assert "make local-aws" in error


def test_a_region_that_is_none_is_refused_in_one_line(local_aws):
    error = run_alone("setup", "--region", "us east", AWS_ENDPOINT_URL=local_aws.url).error
    assert "us east" in error


def test_without_data_and_network_the_file_and_the_way_out_are_named(foundation_only, tmp_path):
    variables = offline() | {"XDG_CACHE_HOME": str(tmp_path)}
    error = foundation_only.run("upload_data", **variables).error
    assert "20news-bydate.tar.gz is neither in a data folder nor in the cache" in error
    assert "Set DATASETS_DIR to a folder with 20newsgroups/20news-bydate.tar.gz" in error
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("way", ["variable", "flag"])
def test_a_data_folder_without_the_file_is_named(foundation_only, tmp_path, way):
    arguments = ["--data-dir", str(tmp_path)] if way == "flag" else []
    folder = str(tmp_path) if way == "variable" else ""
    error = foundation_only.run("upload_data", *arguments, DATASETS_DIR=folder).error
    missing = Path("20newsgroups") / "20news-bydate.tar.gz"
    assert f"{tmp_path / missing} is missing" in error


def test_a_data_file_that_is_no_archive_is_named(foundation_only, tmp_path):
    path = tmp_path / "20newsgroups" / "20news-bydate.tar.gz"
    path.parent.mkdir()
    path.write_bytes(b"no archive")
    error = foundation_only.run("upload_data", DATASETS_DIR=str(tmp_path)).error
    assert f"{path} is not a whole tar.gz archive" in error
