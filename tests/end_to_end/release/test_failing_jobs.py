"""Training jobs that must fail, each with a message of the program as its reason."""

import pytest

from local_aws.tests.account import eventually
from tests.scripts.processes import RECIPE

HEADER = "data,data_subject,label_names,label\n"
GOOD = HEADER + "words of one,s,alt.atheism,0\nother words,s,comp.graphics,1\n"
CHANNELS = {
    "no-label-column": (
        "data,data_subject,label_names\nwords,s,alt.atheism\n",
        "train.csv has no column label; it has data, data_subject, label_names.",
    ),
    "one-class": (
        HEADER + "words,s,alt.atheism,0\nmore,s,alt.atheism,0\n",
        "the train channel has only one class (label 0); a classifier needs two or more.",
    ),
    "empty-file": ("", "train.csv is empty."),
    "short-line": (GOOD + "words,s\n", "train.csv: row 3 has 2 fields; expected 4"),
    "long-line": (
        GOOD + "words,s,alt.atheism,0,more\n",
        "train.csv: row 3 has 5 fields; expected 4",
    ),
}
ALPHA = "expected a number above 0, such as 0.01"
HYPERPARAMETERS = {
    "unknown": (
        {"depth": "3"},
        "unknown hyperparameter 'depth' (known: recipe, report, alpha, folds, reading, features, "
        "max_features, hash_bits)",
    ),
    "negative": ({"alpha": "-1"}, f"hyperparameter alpha is '-1'; {ALPHA}"),
    "no-number-at-all": ({"alpha": "abc"}, f"hyperparameter alpha is 'abc'; {ALPHA}"),
}
EXPECTED = {
    name: message.removesuffix(".") for name, (_, message) in (CHANNELS | HYPERPARAMETERS).items()
}

# One fault of each kind; the tests of the library have the messages of all.
QUICK = {"unknown"}


def upload(small, name, text):
    """Upload a train channel; return its address."""
    uri = f"s3://{small.setup['bucket']}/broken/{name}/"
    small.scripts.put_object(f"{uri}train.csv", text)
    return uri


def start(small, name, hyperparameters, train_uri):
    """Start a job like that of the release, with other hyperparameters or another channel."""
    client = small.scripts.client("sagemaker")
    good = small.training_job
    channels = good["InputDataConfig"]
    if train_uri:
        channels[0]["DataSource"]["S3DataSource"]["S3Uri"] = train_uri
    client.create_training_job(
        TrainingJobName=f"failing-{name}",
        AlgorithmSpecification={
            "TrainingImage": good["AlgorithmSpecification"]["TrainingImage"],
            "TrainingInputMode": "File",
        },
        RoleArn=good["RoleArn"],
        HyperParameters=good["HyperParameters"] | hyperparameters,
        InputDataConfig=channels,
        OutputDataConfig={"S3OutputPath": good["OutputDataConfig"]["S3OutputPath"]},
        ResourceConfig=good["ResourceConfig"],
        StoppingCondition=good["StoppingCondition"],
    )


def failed(small, name):
    """Run a job until it ends; return its description."""
    if name in CHANNELS:
        start(small, name, {}, upload(small, name, CHANNELS[name][0]))
    else:
        start(small, name, HYPERPARAMETERS[name][0], "")
    client = small.scripts.client("sagemaker")

    def ended():
        job = client.describe_training_job(TrainingJobName=f"failing-{name}")
        return job if job["TrainingJobStatus"] != "InProgress" else None

    return eventually(ended)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in EXPECTED],
)
@pytest.mark.observes("training-failure")
def test_job_that_cannot_succeed_fails_with_a_one_line_message(small, name):
    job = failed(small, name)
    assert job["TrainingJobStatus"] == "Failed"
    assert EXPECTED[name] in job["FailureReason"]
    assert "Traceback" not in job["FailureReason"]
    assert "\n" not in job["FailureReason"].split("AlgorithmError: ")[-1].strip()


@pytest.mark.slow
def test_train_shows_the_message_of_a_job_that_fails(small):
    client = small.scripts.client("s3")
    place = {"Bucket": small.setup["bucket"], "Key": small.channel_key("train")}
    good = client.get_object(**place)
    place["Metadata"] = good["Metadata"]
    body = good["Body"].read()
    try:
        client.put_object(**place, Body=CHANNELS["one-class"][0].encode())
        ended = small.scripts.run("train")
    finally:
        client.put_object(**place, Body=body)
    assert (ended.code, ended.stdout) == (1, "")
    last = ended.stderr.splitlines()[-1]
    assert last.startswith(f"error: training job {RECIPE}-")
    assert "ended as Failed: " in last
    assert EXPECTED["one-class"] in last


@pytest.mark.slow
def test_train_warns_of_a_model_that_cannot_see_its_texts(small):
    client = small.scripts.client("s3")
    rows = [
        f'"words\n\n\n\n\n{"" if number else "planets"}",s,{name},{label}\n'
        for label, name in enumerate(["alt.atheism", "comp.graphics"])
        for number in range(20)
    ]
    places = [
        {"Bucket": small.setup["bucket"], "Key": small.channel_key(part)}
        for part in ("train", "test")
    ]
    bodies = [client.get_object(**place)["Body"].read() for place in places]
    try:
        for place in places:
            client.put_object(**place, Body=(HEADER + "".join(rows)).encode())
        ended = small.scripts.run("train")
    finally:
        for place, body in zip(places, bodies, strict=True):
            client.put_object(**place, Body=body)
    blind, useless = ended.result["warnings"]
    assert blind.startswith("38 of 40 train texts (95%) have no feature")
    assert useless.startswith(
        "the model is not clearly better than always predicting the largest class"
    )
    assert f"WARNING: {blind}" in ended.stderr
    log = small.scripts.training_log(ended.result["training_job_name"])
    assert f"WARNING: {useless}" in log
