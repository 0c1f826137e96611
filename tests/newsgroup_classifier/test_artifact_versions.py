"""Versions that may read an artifact differently are refused; other differences are logged."""

import logging

import pytest

from newsgroup_classifier.artifacts import check_versions, running_versions
from newsgroup_classifier.errors import ArtifactError

WRITTEN = {
    "python": "3.12.1",
    "scikit-learn": "1.9.0",
    "joblib": "1.5.3",
    "numpy": "2.4.1",
    "scipy": "1.17.0",
    "pandas": "2.2.3",
}
REFUSED = {
    "scikit-learn": ("1.8.2", "1.10.0", "2.9.0"),
    "joblib": ("1.4.2", "1.6.0"),
    "numpy": ("2.3.9", "1.26.4"),
}
HARMLESS = {
    "scikit-learn": ("1.9.3",),
    "joblib": ("1.5.0",),
    "numpy": ("2.4.0", "2.5.0", "2.10.0", "3.0.0"),
    "scipy": ("1.16.0",),
    "pandas": ("3.0.0",),
    "python": ("3.11.7",),
}


def each(versions):
    pairs = [(name, version) for name, found in versions.items() for version in found]
    return pytest.mark.parametrize(("name", "here"), pairs)


@each(REFUSED)
def test_check_versions_of_another_minor_version_is_refused_with_the_reason(name, here):
    with pytest.raises(ArtifactError) as caught:
        check_versions(WRITTEN, WRITTEN | {name: here})
    minor = ".".join(WRITTEN[name].split(".")[:2])
    assert str(caught.value) == (
        f"the artifact was written with {name} {WRITTEN[name]}, and {name} {here} may read "
        f"it incorrectly. Serve it with {name} {minor}, or train the model again."
    )


@each(HARMLESS)
def test_check_versions_of_a_harmless_difference_is_logged(name, here, caplog):
    with caplog.at_level(logging.WARNING):
        check_versions(WRITTEN, WRITTEN | {name: here})
    expected = f"the artifact was written with {name} {WRITTEN[name]}; {here} runs here"
    assert caplog.messages == [expected]


def test_check_versions_of_equal_versions_logs_nothing(caplog):
    check_versions(WRITTEN, WRITTEN)
    assert caplog.messages == []


def test_check_versions_without_an_installed_library_is_refused():
    running = {name: version for name, version in WRITTEN.items() if name != "joblib"}
    with pytest.raises(ArtifactError, match="and joblib none may read it"):
        check_versions(WRITTEN, running)


@pytest.mark.parametrize("name", ["scikit-learn", "joblib", "numpy"])
def test_check_versions_without_a_recorded_version_is_refused(name):
    written = {key: version for key, version in WRITTEN.items() if key != name}
    with pytest.raises(ArtifactError, match=f"does not have the version of {name}"):
        check_versions(written, WRITTEN)


def test_running_versions_has_the_libraries_that_an_artifact_records():
    assert set(running_versions()) == set(WRITTEN)
