"""Without AWS, credentials or data, a command fails with one line that names the remedy."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from local_aws.testing import free_port
from tests.scripts.processes import RECIPE, Ended, clean_environment, offline, run


def run_alone(*arguments: str, **variables: str) -> Ended:
    """Run a command in an environment with only these variables of AWS and of this project."""
    ended = run(*arguments, environment=clean_environment() | variables)
    return Ended(ended.returncode, ended.stdout, ended.stderr)


@pytest.mark.slow
def test_local_aws_that_does_not_run_names_the_command_that_starts_it():
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    commands = (
        ("setup",),
        ("train", "--recipe", RECIPE),
        ("deploy", "--recipe", RECIPE),
        ("invoke", "--recipe", RECIPE, "a text"),
    )
    with ThreadPoolExecutor() as pool:  # each waits for 15 seconds
        ended = pool.map(
            lambda words: run_alone(*words, AWS_ENDPOINT_URL=url, AWS_MAX_ATTEMPTS="1"), commands
        )
    for each in ended:
        assert each.error.endswith(
            f"cannot connect to {url}. Is the local AWS running? "
            f"Start it with: LOCAL_AWS_PORT={port} make local-aws"
        )


def test_https_address_of_a_local_aws_is_refused(local_aws):
    url = local_aws.url.replace("http:", "https:")
    error = run_alone("setup", AWS_ENDPOINT_URL=url, AWS_MAX_ATTEMPTS="1").error
    assert error == (
        f"the server at {url} does not use TLS. Set AWS_ENDPOINT_URL to an http: address"
    )


def test_address_with_a_path_is_refused_with_the_one_to_use():
    assert run_alone("setup", AWS_ENDPOINT_URL="http://127.0.0.1:4566/_local_aws").error == (
        "AWS_ENDPOINT_URL is 'http://127.0.0.1:4566/_local_aws'; expected it without a path: "
        "http://127.0.0.1:4566"
    )


def test_address_without_a_scheme_is_refused_in_one_line():
    assert run_alone("setup", AWS_ENDPOINT_URL="localhost:4566").error == (
        "AWS_ENDPOINT_URL is 'localhost:4566'; expected an address such as http://127.0.0.1:4566"
    )


@pytest.mark.parametrize("script", ["setup", "train", "deploy", "delete"])
def test_missing_credentials_name_both_remedies(script, tmp_path):
    recipe = [] if script == "setup" else ["--recipe", RECIPE]
    error = run_alone(script, *recipe, HOME=str(tmp_path), AWS_EC2_METADATA_DISABLED="true").error
    assert error.startswith("Unable to locate credentials. ")
    assert "Configure credentials, or set AWS_ENDPOINT_URL" in error
    assert "make local-aws" in error


def test_invalid_region_is_refused_in_one_line(local_aws):
    error = run_alone("setup", "--region", "us east", AWS_ENDPOINT_URL=local_aws.url).error
    assert "us east" in error


def test_missing_data_without_a_network_names_the_file_and_the_remedy(foundation_only, tmp_path):
    variables = offline() | {"XDG_CACHE_HOME": str(tmp_path)}
    error = foundation_only.run("upload_data", **variables).error
    assert "20news-bydate.tar.gz is neither in a data folder nor in the cache" in error
    assert "Set DATASETS_DIR to a folder with 20newsgroups/20news-bydate.tar.gz" in error
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("source", ["variable", "flag"])
def test_data_folder_without_the_file_is_named(foundation_only, tmp_path, source):
    arguments = ["--data-dir", str(tmp_path)] if source == "flag" else []
    folder = str(tmp_path) if source == "variable" else ""
    error = foundation_only.run("upload_data", *arguments, DATASETS_DIR=folder).error
    assert f"{tmp_path / '20newsgroups'} has no 20news-bydate.tar.gz. Download https://" in error


def test_data_file_that_is_not_an_archive_is_named(foundation_only, tmp_path):
    path = tmp_path / "20newsgroups" / "20news-bydate.tar.gz"
    path.parent.mkdir()
    path.write_bytes(b"no archive")
    error = foundation_only.run("upload_data", DATASETS_DIR=str(tmp_path)).error
    assert f"{path} is not a complete tar.gz archive" in error
