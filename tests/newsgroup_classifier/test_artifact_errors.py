"""An artifact that is incomplete, changed or foreign is refused before anything is unpickled."""

import json
import shutil

import pytest

from newsgroup_classifier import artifacts
from newsgroup_classifier.errors import ArtifactError


@pytest.fixture
def copied(artifact, tmp_path):
    """Copy the artifact, to be broken."""
    return shutil.copytree(artifact, tmp_path / "model")


def refusal(folder):
    with pytest.raises(ArtifactError) as caught:
        artifacts.load_manifest(folder)
    return str(caught.value)


def change_manifest(folder, **changes):
    path = folder / artifacts.MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_load_manifest_of_a_folder_without_one_names_the_file(copied):
    (copied / "manifest.json").unlink()
    message = refusal(copied)
    assert message.startswith(
        f"{copied / 'manifest.json'} is missing, so {copied} is not an artifact"
    )


def test_load_manifest_of_a_missing_folder_is_refused(tmp_path):
    assert "is not an artifact of this project" in refusal(tmp_path / "none")
    (tmp_path / "file").touch()
    assert "is not an artifact of this project" in refusal(tmp_path / "file")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[]", b"null", b"3", b'"text"', b"{}", b'{"format": 2}', b"[" * 99999],
)
def test_load_manifest_of_other_content_is_refused(copied, content):
    (copied / "manifest.json").write_bytes(content)
    message = refusal(copied)
    assert message.startswith(f"{copied / 'manifest.json'} is not a manifest: ")
    assert message.endswith("Train the model again.")


@pytest.mark.parametrize(
    "changes",
    [
        {"files": []},
        {"files": None},
        {"files": {"a": 1}},
        {"versions": "all"},
        {"versions": {"numpy": 2}},
        {"not_for_lambda": None},
        {"explanations": None},
        {"label_names": None},
        {"label_names": "abc"},
        {"label_names": [1]},
        {"recipe": 3},
        {"hyperparameters": 3},
        {"metrics": None},
        {"more": 1},
    ],
    ids=str,
)
def test_load_manifest_with_fields_of_the_wrong_type_is_refused(copied, changes):
    change_manifest(copied, **changes)
    assert " is not a manifest: " in refusal(copied)


@pytest.mark.parametrize("number", [0, 1, 3, "2", None])
def test_load_manifest_of_another_format_says_to_train_again(copied, number):
    change_manifest(copied, format=number)
    assert refusal(copied) == (
        f"{copied / 'manifest.json'} has the artifact format {number!r}; expected 2. Train the "
        "model again with this version of the project."
    )


def test_load_manifest_checks_the_format_first(copied):
    change_manifest(copied, format=1, more=1)
    assert "has the artifact format 1" in refusal(copied)


@pytest.mark.parametrize("name", ["model.joblib", "serving/inference_pipeline/predict.py"])
def test_load_manifest_with_a_missing_file_names_it(copied, name):
    (copied / name).unlink()
    message = refusal(copied)
    expected = f"{copied / name} is missing, although the manifest lists it. Fetch the model again."
    assert message == expected


def test_load_manifest_with_a_changed_byte_names_the_file_and_both_digests(copied):
    path = copied / "model.joblib"
    expected = artifacts.load_manifest(copied).files["model.joblib"]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    message = refusal(copied)
    assert message.startswith(f"{path} was changed: its sha256 is ")
    assert f"; expected {expected}. Fetch" in message


def test_load_manifest_with_other_versions_is_refused(copied):
    change_manifest(copied, versions=artifacts.running_versions() | {"scikit-learn": "0.23.2"})
    assert "was written with scikit-learn 0.23.2" in refusal(copied)


def test_load_object_that_is_not_in_the_manifest_names_the_listed_ones(copied):
    (copied / "other.joblib").write_bytes(b"not to be unpickled")
    manifest = artifacts.load_manifest(copied)
    with pytest.raises(ArtifactError) as caught:
        artifacts.load_object(copied, manifest, "other.joblib")
    assert f"{copied} has no other.joblib; its manifest lists model.joblib" in str(caught.value)
