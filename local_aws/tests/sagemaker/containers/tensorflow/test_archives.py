"""What the archive of a TensorFlow model must have, or else its endpoint fails with the reason."""

import pytest

from local_aws.tests.sagemaker.containers.model_servers import files_below
from local_aws.tests.sagemaker.containers.tensorflow.containers import OLD_IMAGE, container, invoke

TQDM = """
import tqdm


def handler(data, context):
    return tqdm.__name__, "text/plain"
"""


@pytest.mark.slow
@pytest.mark.observes("tfs-no-model")
def test_archive_without_a_numbered_model_folder_fails_the_endpoint(account):
    reason = account.failure_of(container(account, {"one/saved_model.pb": "x"}))
    assert "ValueError: no SavedModel bundles found!" in reason


@pytest.mark.slow
@pytest.mark.observes("tfs-broken-model")
def test_corrupt_saved_model_fails_the_endpoint_with_its_name(account, saved_models):
    graph = (saved_models / "model" / "1" / "saved_model.pb").read_bytes()
    files = {"1/saved_model.pb": graph[: len(graph) // 2]}
    reason = account.failure_of(container(account, files, OLD_IMAGE))
    assert "did not pass the ping health check" in reason
    assert "{{name: model version: 1} due to error: Can't parse 1/saved_model.pb" in reason


@pytest.mark.slow
@pytest.mark.observes("tfs-requirements")
def test_requirements_are_installed_if_there_is_no_lib_folder(account, saved_models):
    files = files_below(saved_models / "model") | {
        "code/inference.py": TQDM,
        "code/requirements.txt": "tqdm",
    }
    endpoint = account.deploy(container(account, files))
    assert invoke(account, endpoint, "x") == "tqdm"
    account.delete_endpoint(endpoint)
    files["code/requirements.txt"] = "no-such-distribution==1.0"
    assert "no-such-distribution==1.0" in account.failure_of(container(account, files))
