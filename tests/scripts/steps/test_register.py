"""`register` says which model another one replaces, and does not register the same one twice."""

import joblib
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from tests.scripts.processes import Scripts

TEXTS = ["a printer", "an invoice", "the printer", "my invoice"]


@pytest.fixture
def register(foundation_only: Scripts, tmp_path):
    """Return a function that registers a model whose classes are numbers."""
    path = tmp_path / "model.joblib"
    joblib.dump(make_pipeline(CountVectorizer(), MultinomialNB()).fit(TEXTS, [1, 0, 1, 0]), path)
    words = ("register", "--model", str(path))
    return lambda name, *flags: foundation_only.run(*words, "--name", name, *flags)


def number_of(ended):
    return int(ended.result["model_package_arn"].rpartition("/")[2])


@pytest.mark.slow
def test_same_model_is_registered_once_until_its_labels_or_its_approval_are_others(register):
    first = register("again", "--labels", "billing,hardware")
    second = register("again", "--labels", "billing,hardware")
    assert second.result == first.result
    assert "The same model is already registered as arn:aws:sagemaker:" in second.stderr
    assert "Uploaded" not in second.stderr
    assert number_of(register("again", "--labels", "hardware,billing")) == 2
    assert number_of(register("again", "--labels", "hardware,billing", "--approve")) == 3
    assert number_of(register("again", "--labels", "hardware,billing", "--approve")) == 3


@pytest.mark.slow
def test_model_that_is_approved_already_is_not_registered_as_pending(foundation_only, register):
    first = register("approved", "--labels", "billing,hardware")
    package = first.result["model_package_arn"]
    flags = ("--recipe", "own-model", "--name", "approved")
    assert foundation_only.run("approve", *flags, "--package", package).code == 0
    second = register("approved", "--labels", "billing,hardware")
    assert f"The same model is already registered and approved as {package}.\n" in second.stderr
    assert "it replaces" not in second.stderr, "it would replace itself"
    assert second.result["approval_status"] == "Approved"
    assert "scripts.deploy" in second.stderr and "scripts.approve" not in second.stderr
    assert register("approved", "--labels", "billing,hardware", "--dry-run").result["calls"] == []
    assert number_of(register("approved", "--labels", "hardware,billing", "--replace")) == 2
    assert number_of(register("approved", "--labels", "billing,hardware")) == 1, "deploy takes it"


@pytest.mark.slow
def test_approved_model_whose_archive_was_replaced_is_registered_again(foundation_only, register):
    first = register("replaced", "--labels", "billing,hardware", "--approve").result
    foundation_only.put_object(first["model_artifacts"], b"another archive")
    again = register("replaced", "--labels", "billing,hardware", "--approve")
    assert number_of(again) == 2, "deploy refuses the first one"


@pytest.mark.slow
def test_model_of_other_labels_than_the_approved_one_is_refused_without_the_flag(
    foundation_only, register
):
    first = register("used", "--labels", "billing,hardware", "--approve").result
    same = register("used", "--labels", "hardware,billing")
    assert "It will replace own-model---used/1 when it is deployed." in same.stderr
    change = "lacks 1 label (billing) and adds 1 label (access)"
    others = ("--labels", "access,hardware")
    error = register("used", *others).error
    assert error.startswith("the name used is in use for a model with other labels, own-model---")
    assert f"used/1: this one {change}. Choose another --name, or pass --replace" in error
    replacing = register("used", *others, "--replace")
    assert f"own-model---used/1 when it is deployed; it {change}." in replacing.stderr
    assert number_of(replacing) == 3
    bucket, _, key = first["model_artifacts"].removeprefix("s3://").partition("/")
    s3 = foundation_only.client("s3")
    (version,) = s3.list_object_versions(Bucket=bucket, Prefix=key)["Versions"]
    s3.delete_object(Bucket=bucket, Key=key, VersionId=version["VersionId"])
    assert number_of(register("used", "--labels", "a,b")) == 4, "nobody knows the labels any more"
