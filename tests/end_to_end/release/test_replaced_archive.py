"""A model archive that is replaced after approval is neither deployed nor used to score files."""

import pytest

from scripts.account.naming import jobs_prefix
from tests.account_state import state_of
from tests.documents import marked_commands, run_aws
from tests.end_to_end.release.trapped import packed, trapped_files
from tests.scripts.processes import RECIPE
from tests.scripts.releases import SMALL_REGION

PAGE, THIS = "docs/how-to/operate.md", "tests/end_to_end/release/test_replaced_archive.py"


@pytest.fixture
def trap(tmp_path):
    """Return the path of the file that appears when the replacement is loaded."""
    return tmp_path / "loaded"


@pytest.fixture
def replaced(small, trap):
    """Replace the approved archive by one with other pickles and a correct manifest of them."""
    uri = small.train["model_artifacts"]
    assert jobs_prefix(RECIPE) in uri
    before = small.scripts.get_object(uri)["VersionId"]
    small.scripts.put_object(uri, packed(trapped_files(small, trap)))
    after = small.scripts.get_object(uri)["VersionId"]
    yield uri, before, after
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    small.scripts.client("s3").delete_object(Bucket=bucket, Key=key, VersionId=after)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("deploy",),
        ("deploy", "--endpoint-name", "another"),
        ("deploy", "--dry-run"),
        ("transform", "--input", "docs/posts.jsonl"),
    ],
    ids=" ".join,
)
def test_replaced_archive_is_refused_before_anything_is_created(small, replaced, trap, arguments):
    uri, before, after = replaced
    arn, state = small.train["model_package_arn"], state_of(small.scripts)
    named = ("--package", arn) if arguments[0] == "deploy" else ()
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    assert small.scripts.run(*arguments, *named).error == (
        f"{uri} was replaced after {arn} was registered: expected version {before}, found version "
        f"{after}. Nothing was created. Delete each newer version to restore it (aws s3api "
        f"list-object-versions --region {SMALL_REGION} --bucket {bucket} --prefix {key} lists "
        "them), or train and register the model again: "
        f"python -m scripts.train --recipe {RECIPE}"
    )
    assert state_of(small.scripts) == state
    assert not trap.exists(), "a pickle was loaded"


def test_endpoint_loads_a_copy_that_is_not_under_the_prefix_of_jobs(small):
    model = small.scripts.client("sagemaker").describe_model(ModelName=small.deploy["model_name"])
    urls = {container["ModelDataUrl"] for container in model["Containers"]}
    name = small.deploy["model_name"]
    assert urls == {f"s3://{small.setup['bucket']}/models/{RECIPE}/{name}/model.tar.gz"}
    assert small.scripts.read_object(urls.pop()) == small.scripts.read_object(
        small.train["model_artifacts"]
    )


def test_package_records_the_code_and_the_channels_that_the_model_was_trained_with(small):
    package = small.scripts.client("sagemaker").describe_model_package(
        ModelPackageName=small.train["model_package_arn"]
    )
    properties = package["CustomerMetadataProperties"]
    channels = {f"channel-{name}": uri for name, uri in small.upload_data["channels"].items()}
    assert properties.items() >= channels.items()
    program = small.training_job["HyperParameters"]["sagemaker_submit_directory"]
    assert f"/code/{properties['code-sha256'][:16]}/" in program


@pytest.mark.slow
def test_commands_of_the_guide_restore_an_archive_that_was_replaced_and_deleted(small):
    uri, arn = small.train["model_artifacts"], small.train["model_package_arn"]
    recorded = small.scripts.get_object(uri)["VersionId"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    small.scripts.put_object(uri, b"another")
    small.scripts.client("s3").delete_object(Bucket=bucket, Key=key)
    planned = ("deploy", "--package", arn, "--dry-run")
    assert small.scripts.run(*planned).error.startswith(f"{uri} was deleted after {arn} was ")
    listing, deletion = (
        line.replace("BUCKET", bucket).replace("KEY", key) for line in marked_commands(PAGE, THIS)
    )
    found = run_aws(small.scripts.client, listing)
    for version in (*found["DeleteMarkers"], *found["Versions"]):
        if version["VersionId"] != recorded:
            run_aws(small.scripts.client, deletion.replace("NEW", version["VersionId"]))
    assert small.scripts.run(*planned).result["dry_run"]
