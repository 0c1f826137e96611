"""Training jobs sent straight to SageMaker that must fail, each with our sentence as its reason."""

import time

import pytest

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
        "the train channel has only one class (alt.atheism); a classifier needs two or more.",
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
        "unknown hyperparameter 'depth' (known: recipe, alpha, folds, reading, features, "
        "max_features, hash_bits)",
    ),
    "negative": ({"alpha": "-1"}, f"hyperparameter alpha is '-1'; {ALPHA}"),
    "no-number-at-all": ({"alpha": "abc"}, f"hyperparameter alpha is 'abc'; {ALPHA}"),
}
EXPECTED = {
    name: sentence.removesuffix(".") for name, (_, sentence) in (CHANNELS | HYPERPARAMETERS).items()
}


def upload(small, name, text):
    """Put a train channel into the bucket; return its address."""
    key = f"broken/{name}/train.csv"
    bucket = small.setup["bucket"]
    small.scripts.client("s3").put_object(Bucket=bucket, Key=key, Body=text.encode())
    return f"s3://{bucket}/broken/{name}/"


def start(small, name, hyperparameters, train_uri):
    """Start a job like the one of the release, with other hyperparameters or another channel."""
    client = small.scripts.client("sagemaker")
    good = client.describe_training_job(TrainingJobName=small.train["training_job_name"])
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


@pytest.fixture(scope="module")
def failed(small):
    """Run all the jobs, two at a time; return each one's description."""
    client = small.scripts.client("sagemaker")
    waiting = [(name, {}, upload(small, name, text)) for name, (text, _) in CHANNELS.items()]
    waiting += [(name, given, "") for name, (given, _) in HYPERPARAMETERS.items()]
    found = {}
    running: list[str] = []
    while waiting or running:
        while waiting and len(running) < 2:
            start(small, *waiting[0])
            running.append(waiting.pop(0)[0])
        for name in list(running):
            job = client.describe_training_job(TrainingJobName=f"failing-{name}")
            if job["TrainingJobStatus"] != "InProgress":
                found[name] = job
                running.remove(name)
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.observes("training-failure")
def test_a_job_that_cannot_succeed_fails_with_a_plain_sentence(failed, name):
    job = failed[name]
    assert job["TrainingJobStatus"] == "Failed"
    assert EXPECTED[name] in job["FailureReason"]
    assert "Traceback" not in job["FailureReason"]
    assert "\n" not in job["FailureReason"].split("AlgorithmError: ")[-1].strip()


def test_the_script_shows_the_sentence_of_a_job_that_fails(small):
    client = small.scripts.client("s3")
    bucket = small.setup["bucket"]
    key = "data/20newsgroups/train/train.csv"
    good = client.get_object(Bucket=bucket, Key=key)
    body = good["Body"].read()
    broken = CHANNELS["one-class"][0].encode()
    try:
        client.put_object(Bucket=bucket, Key=key, Body=broken, Metadata=good["Metadata"])
        ended = small.scripts.run("train")
    finally:
        client.put_object(Bucket=bucket, Key=key, Body=body, Metadata=good["Metadata"])
    assert (ended.code, ended.stdout) == (1, "")
    last = ended.stderr.splitlines()[-1]
    assert last.startswith(f"error: training job {RECIPE}-")
    assert "ended as Failed: " in last
    assert EXPECTED["one-class"] in last
