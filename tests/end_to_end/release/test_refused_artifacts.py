"""An endpoint refuses damaged, unsafe and incompatible artifacts before it loads them.

The pickles in every archive here create a file when they are loaded; it must not appear.
"""

import tarfile

import pytest

from local_aws.tests.account import eventually, unique
from newsgroup_classifier.artifacts import MANIFEST, MODEL, PREPROCESS
from tests.end_to_end.release.trapped import (
    PADDING,
    link,
    outside,
    packed,
    trapped_files,
    with_manifest,
)
from tests.scripts.releases import create_model

NEXT = "99.9.9"


@pytest.fixture
def trap(tmp_path):
    """Return the path of the file that appears when a pickle is loaded."""
    return tmp_path / "loaded"


@pytest.fixture
def files(small, trap):
    """Return the files of a trained artifact, with trapped pickles."""
    return trapped_files(small, trap)


@pytest.fixture
def deployed(small):
    """Return a function that deploys an archive and returns the endpoint's description."""
    client = small.scripts.client("sagemaker")
    names = []

    def deploy(data):
        name = unique("refused")
        names.append(name)
        uri = f"s3://{small.setup['bucket']}/{name}/model.tar.gz"
        small.scripts.put_object(uri, data)
        create_model(small, name, uri)
        client.create_endpoint(EndpointName=name, EndpointConfigName=name)

        def settled():
            endpoint = client.describe_endpoint(EndpointName=name)
            return None if endpoint["EndpointStatus"] == "Creating" else endpoint

        return eventually(settled)

    yield deploy
    for name in names:
        client.delete_endpoint(EndpointName=name)
        client.delete_endpoint_config(EndpointConfigName=name)
        client.delete_model(ModelName=name)


@pytest.fixture
def refusal(deployed, trap):
    """Return a function that deploys an archive, which must fail, and returns the reason."""

    def refuse(data):
        endpoint = deployed(data)
        assert endpoint["EndpointStatus"] == "Failed"
        assert not trap.exists(), "a pickle was loaded"
        return endpoint["FailureReason"]

    return refuse


def set_version(name, version):
    return lambda manifest: manifest["versions"].update({name: version})


def changed(content):
    """Return content with one changed byte that no reader notices."""
    assert content.count(PADDING) == 1
    return content.replace(PADDING, PADDING.upper()[:1] + PADDING[1:])


@pytest.mark.slow
def test_artifact_with_a_correct_manifest_is_loaded_and_springs_the_trap(deployed, files, trap):
    deployed(packed(files))
    assert trap.exists()


def test_truncated_artifact_is_refused(refusal, files):
    data = packed(files)
    assert "is not a complete tar.gz archive" in refusal(data[: len(data) * 2 // 3])


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE], ids=["symbolic", "hard"])
def test_artifact_with_a_link_out_of_its_folder_is_refused(refusal, files, kind):
    data = packed(files, link(kind, "more.joblib", "../../outside"))
    assert "unsafe link 'more.joblib'" in refusal(data)


def test_artifact_with_a_path_out_of_its_folder_is_refused(refusal, files):
    assert "unsafe path '../../outside'" in refusal(packed(files, outside("../../outside")))


def test_artifact_without_its_last_bytes_is_refused(refusal, files):
    assert "is not a complete tar.gz archive" in refusal(packed(files)[:-20])


@pytest.mark.parametrize("name", [pytest.param(PREPROCESS, marks=pytest.mark.slow), MODEL])
def test_artifact_with_a_changed_byte_in_a_pickle_is_refused(refusal, files, name):
    reason = refusal(packed(files | {name: changed(files[name])}))
    assert f"{name} was changed: its sha256 is " in reason


@pytest.mark.slow
def test_artifact_with_a_changed_byte_in_its_code_is_refused(refusal, files):
    name = "serving/inference_pipeline/content_types.py"
    reason = refusal(packed(files | {name: files[name] + b"\n"}))
    assert f"{name} was changed: its sha256 is " in reason


@pytest.mark.slow
def test_artifact_without_a_manifest_is_refused(refusal, files):
    del files[MANIFEST]
    assert "manifest.json is missing" in refusal(packed(files))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["scikit-learn", "joblib", "numpy"])
def test_artifact_of_another_package_version_is_refused(refusal, files, name):
    reason = refusal(packed(with_manifest(files, set_version(name, NEXT))))
    assert f"the artifact was written with {name} {NEXT}" in reason


@pytest.mark.slow
def test_artifact_of_format_1_is_refused(refusal, files):
    data = packed(with_manifest(files, lambda manifest: manifest.update(format=1)))
    assert "has the artifact format 1; expected 2. Train the model again" in refusal(data)
