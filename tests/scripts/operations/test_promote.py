"""An approved model moves to another environment with its bytes, its lineage, and its metrics."""

import pytest
from botocore.exceptions import ClientError

from local_aws.testing import running_local_aws
from newsgroup_classifier.errors import DeploymentError
from scripts.account.command import run_command
from scripts.account.lineage import lineage_location
from scripts.operations import promote as promote_command
from tests.data_source import SAMPLE
from tests.documents import arguments_of, marked_commands
from tests.scripts.compatibility import KEYS
from tests.scripts.processes import RECIPE, Scripts

PAGE, THIS = "docs/how-to/operate.md", "tests/scripts/operations/test_promote.py"
SOURCE, TARGET = "newsgroup-classifier", "promoted"
MOVE = ("--from", SOURCE, "--to", TARGET)


@pytest.fixture(scope="module")
def two(release):
    """Create a second environment next to that of the release; delete it afterwards."""
    assert release.scripts.run("setup", "--stack", TARGET).code == 0
    yield release
    assert release.scripts.run("delete", "--foundation", "--stack", TARGET).code == 0


@pytest.fixture(autouse=True)
def no_packages(two):
    """Delete what the tests have promoted."""
    yield
    two.scripts.run("delete", "--packages", "--stack", TARGET)


def promote(two, *flags, **options):
    """Run the command for the model of the release; others may have been approved since."""
    arn = two.train["model_package_arn"]
    return two.scripts.run("promote", *MOVE, "--package", arn, *flags, **options)


def package_of(scripts, arn):
    return scripts.client("sagemaker").describe_model_package(ModelPackageName=arn)


def lineage_of(scripts, uri):
    return scripts.read_object("s3://{Bucket}/{Key}".format(**lineage_location(uri)))


def check_same(source, target, result):
    """Check that what was promoted is the model of a release."""
    uri, copy = source.train["model_artifacts"], result["model_artifacts"]
    assert target.read_object(copy) == source.scripts.read_object(uri)
    assert lineage_of(target, copy) == lineage_of(source.scripts, uri)
    old = package_of(source.scripts, source.train["model_package_arn"])
    new = package_of(target, result["model_package_arn"])
    before, after = old["CustomerMetadataProperties"], new["CustomerMetadataProperties"]
    changed = {"promoted-from", "model-version-id", "approved-by", "rejected-by"}
    kept = [{k: v for k, v in each.items() if k not in changed} for each in (before, after)]
    assert kept[0] == kept[1]
    assert after["promoted-from"] == result["promoted_from"] == old["ModelPackageArn"]
    assert after["model-sha256"] == result["sha256"]
    digests = [
        each["ModelMetrics"]["ModelQuality"]["Statistics"]["ContentDigest"] for each in (old, new)
    ]
    assert digests[0] == digests[1]
    images = [
        [each["Image"] for each in package["InferenceSpecification"]["Containers"]]
        for package in (old, new)
    ]
    assert images[0] == images[1]


def test_promoted_model_is_the_same_and_can_be_deployed(two):
    ended = promote(two, "--yes")
    assert set(ended.result) == KEYS["promote"]
    check_same(two, two.scripts, ended.result)
    arn = ended.result["model_package_arn"]
    assert package_of(two.scripts, arn)["ModelApprovalStatus"] == "Approved"
    assert ended.result["sha256"] in ended.stderr
    assert f"{two.train['metrics']['accuracy']:.4f} (generated sample)" in ended.stderr
    planned = two.scripts.run("deploy", "--stack", TARGET, "--dry-run").result
    assert planned["calls"][0]["operation"] == "copy"
    (listed,) = two.scripts.client("sagemaker").list_model_packages(
        ModelPackageGroupName=f"{TARGET}--{RECIPE}"
    )["ModelPackageSummaryList"]
    assert listed["ModelPackageArn"] == arn


@pytest.mark.slow
def test_model_stays_pending_without_a_yes_and_is_not_copied_twice(two):
    ended = promote(two, stdin="n\n")
    arn = ended.result["model_package_arn"]
    assert ended.result["approval_status"] == "PendingManualApproval"
    assert package_of(two.scripts, arn)["ModelApprovalStatus"] == "PendingManualApproval"
    assert f"scripts.approve --package {arn}" in ended.stderr
    again = promote(two, "--yes").error
    assert again == (
        f"nothing was copied, because {TARGET} has the model already: version 1 "
        f"(PendingManualApproval), {arn}. Approve it with: python -m scripts.approve --recipe "
        f"{RECIPE} --stack {TARGET} --package {arn}"
    )


@pytest.mark.slow
def test_unknown_environment_is_refused_with_the_names_of_those_that_exist(two):
    for flags in (("--from", "stagin", "--to", TARGET), ("--from", SOURCE, "--to", "stagin")):
        error = two.scripts.run("promote", *flags).error
        assert error.startswith("there is no environment 'stagin' in account 123456789012")
        names = error.partition("; found ")[2].partition(". ")[0].split(", ")
        assert {SOURCE, TARGET} <= set(names)
    same = two.scripts.run("promote", "--from", TARGET, "--to", TARGET).error
    assert same.startswith(f"--from and --to are both {TARGET}")


def test_environment_without_an_approved_model_has_nothing_to_promote(two):
    error = two.scripts.run("promote", "--from", TARGET, "--to", SOURCE).error
    assert error.startswith(f"no model of {TARGET}--{RECIPE} is registered")


@pytest.mark.slow
def test_archive_that_was_replaced_since_its_approval_is_not_promoted(two):
    uri = two.train["model_artifacts"]
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    s3 = two.scripts.client("s3")
    version = s3.put_object(Bucket=bucket, Key=key, Body=b"other")["VersionId"]
    try:
        error = promote(two, "--yes").error
    finally:
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
    assert error.startswith(f"{uri} was replaced after ")
    flags = ("--stack", TARGET, "--dry-run")
    assert "no model of" in two.scripts.run("deploy", *flags).error


def test_archive_is_removed_again_if_the_model_cannot_be_registered(two, monkeypatch, capsys):
    def refuse(*arguments):
        raise DeploymentError("no more packages are allowed")

    monkeypatch.setattr(promote_command, "register", refuse)
    s3 = two.scripts.client("s3")
    buckets = [each["Name"] for each in s3.list_buckets()["Buckets"]]

    def archives():
        listings = [s3.list_object_versions(Bucket=bucket) for bucket in buckets]
        return [
            (kind, each["Key"], each["VersionId"])
            for listing in listings
            for kind in ("Versions", "DeleteMarkers")
            for each in listing.get(kind, [])
        ]

    before = archives()
    for name, value in two.scripts.environment.items():
        monkeypatch.setenv(name, value)
    arn = two.train["model_package_arn"]
    words = ["--recipe", RECIPE, *MOVE, "--package", arn, "--yes"]
    with pytest.raises(DeploymentError, match="no more packages are allowed"):
        run_command("promote", *words)
    said = capsys.readouterr().err
    assert "Copied s3://" in said
    assert "because the model could not be registered" in said
    assert archives() == before


@pytest.mark.slow
def test_promoted_model_is_trained_again_where_the_same_data_are(two):
    arn, stack = promote(two, "--yes").result["model_package_arn"], ("--stack", TARGET)
    version = two.train["data_version"]
    error = two.scripts.run("train", *stack, "--like", arn).error
    assert error.startswith(f"{arn} was trained from version {version} of the data, whose channels")
    upload = f"python -m scripts.upload_data --recipe {RECIPE} --stack {TARGET}"
    assert error.endswith(f". Upload the same data with: {upload}")
    assert two.scripts.run("upload_data", *SAMPLE, *stack).code == 0
    again = two.scripts.run("train", *stack, "--like", arn).result
    assert (again["metrics"], again["data_version"]) == (two.train["metrics"], version)
    job = two.scripts.client("sagemaker").describe_training_job(
        TrainingJobName=again["training_job_name"]
    )
    own = again["model_artifacts"].partition("/jobs/")[0]
    sources = [each["DataSource"]["S3DataSource"]["S3Uri"] for each in job["InputDataConfig"]]
    sources.append(job["HyperParameters"]["sagemaker_submit_directory"].strip('"'))
    assert all(source.startswith(f"{own}/") for source in sources)


def test_dry_run_copies_nothing(two):
    planned = promote(two, "--dry-run").result
    assert [call["operation"] for call in planned["calls"]] == [
        "upload_fileobj",
        "create_model_package",
    ]
    assert "no model of" in two.scripts.run("deploy", "--stack", TARGET, "--dry-run").error


@pytest.mark.slow
def test_commands_of_the_guide_move_a_model_to_another_account(release, tmp_path):
    arn, config = release.train["model_package_arn"], tmp_path / "config"
    setup, promotion, deployment = marked_commands(PAGE, THIS)
    promotion = f"{promotion.replace('staging', SOURCE)} --package {arn} --yes"
    with running_local_aws("--instance-cpus", "1") as aws:
        other = Scripts(aws, release.scripts.region)
        config.write_text(
            f"[profile dev]\nendpoint_url = {release.scripts.aws.url}\n"
            f"[profile prod]\nendpoint_url = {aws.url}\n"
        )

        def run(line, **variables):
            words = arguments_of(line.removeprefix("AWS_PROFILE=prod newsgroup-classifier "))
            return other.run(*words, AWS_CONFIG_FILE=str(config), **variables)

        prod, both = {"AWS_PROFILE": "prod"}, {"AWS_ENDPOINT_URL": ""}
        assert run(setup, **prod).result["stack_name"] == "prod"
        ended = run(promotion, **both)
        check_same(release, other, ended.result)
        promoted = ended.result["model_package_arn"]
        with pytest.raises(ClientError, match="does not exist"):
            package_of(release.scripts, promoted)
        missing = run(promotion.replace("profile prod", "profile nowhere"), **both)
        assert "nowhere" in missing.error
        assert run(deployment, **prod).result["model_package_arn"] == promoted
