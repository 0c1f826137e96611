"""A row of the test channel is the example that `invoke` sends if it gets nothing to send."""

import io
import json
from types import SimpleNamespace

import pytest
from botocore.response import StreamingBody

from newsgroup_classifier.channels.images import write_image_channel
from newsgroup_classifier.datasets.mnist import generate_digits
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.naming import DEFAULT_STACK
from scripts.endpoints.bodies import first_example
from scripts.jobs.examples import read_rows
from tests.scripts.processes import Scripts

TEXTS = RECIPES["headlines-fast"]


@pytest.mark.slow
def test_example_is_the_first_row_of_the_test_channel(foundation_only, own_region, tmp_path):
    scripts = Scripts(foundation_only.aws, own_region)
    bucket = scripts.run("setup").result["bucket"]
    client = scripts.client("s3")
    channel = generate_digits().test
    write_image_channel(channel, tmp_path / "test.npz")
    client.upload_file(str(tmp_path / "test.npz"), bucket, "data/mnist/0/test/test.npz")
    text = "Shares, again\n" + "and again \u20ac" * 30_000  # longer than fields that csv reads
    row = f'data,data_subject,label_names,label\n"{text}",s1,business,0\n"broken'
    client.put_object(Bucket=bucket, Key="data/uci-news/0/test/test.csv", Body=row.encode())
    for dataset, file in (("mnist", "test.npz"), ("uci-news", "test.csv")):
        current = {"channels": {"test": f"data/{dataset}/0/test/{file}"}}
        scripts.put_object(
            f"s3://{bucket}/data/{dataset}/current.json", json.dumps(current).encode()
        )
    for recipe, label in (
        ("digits-cnn", channel.label_names[channel.labels[0]]),
        ("headlines-fast", "business"),
    ):
        ended = scripts.run("invoke", "--recipe", recipe)
        assert f"invoking with an example from the test data: {label}." in ended.stderr
        assert ended.error.startswith(f"there is no endpoint {recipe}-pipeline in region")
    short = b'data,data_subject,label_names,label\n"Shares fall",s1,health,0\n'
    client.put_object(Bucket=bucket, Key="data/uci-news/0/test/test.csv", Body=short)
    stderr = scripts.run("invoke", "--recipe", "headlines-fast").stderr
    assert "invoking with an example from the test data: health." in stderr
    single = scripts.run("invoke", "--recipe", "headlines-fast", "--target", "single")
    assert single.error.endswith("scripts.deploy --recipe headlines-fast --target single")


def test_example_of_a_channel_with_one_short_row_is_that_row(local_aws, new_region, monkeypatch):
    scripts = Scripts(local_aws, new_region())
    monkeypatch.setenv("AWS_ENDPOINT_URL", local_aws.url)
    bucket = scripts.run("setup").result["bucket"]
    text = "One\r\ntwo,\n\n\u0663 \U0001f4e6"
    key = "data/uci-news/1/test/test.csv"
    body = f'data,data_subject,label_names,label\r\n"{text}",s1,sport,0\r\n'
    scripts.put_object(f"s3://{bucket}/{key}", body.encode())
    current = {"channels": {"test": key}}
    scripts.put_object(f"s3://{bucket}/data/uci-news/current.json", json.dumps(current).encode())
    example = first_example(Aws(scripts.region), TEXTS, DEFAULT_STACK)
    assert (example.body.decode(), example.label) == (text, "sport")


def test_example_of_megabytes_is_read_in_few_steps(monkeypatch):
    class Counted(io.BytesIO):
        reads = 0

        def read(self, size=-1):
            self.reads += 1
            return super().read(size)

    text = "word " * 2**20
    body = f'data,data_subject,label_names,label\n"{text}",s1,sport,0\n"b",s2,sport,0\n'.encode()
    channel = Counted(body)
    stream = StreamingBody(channel, len(body))
    client = SimpleNamespace(get_object=lambda **location: {"Body": stream})
    monkeypatch.setattr(Aws, "client", lambda aws, service: client)
    row = next(read_rows(Aws("us-east-1"), TEXTS, "bucket", "key"))
    assert (row.body.decode(), row.label) == (text, "sport")
    assert channel.reads < 10


def test_example_without_data_says_how_to_upload_it(foundation_only):
    error = foundation_only.run("invoke", "--recipe", "sketches-cnn").error
    assert "there is no test data under s3://" in error
    assert "/data/quickdraw/, so there is no example to send" in error
    assert error.endswith("python -m scripts.upload_data --recipe sketches-cnn")
    error = foundation_only.run("invoke", "--recipe", "headlines-fast", "--name", "tickets").error
    assert "/data/own---tickets/, so there is no example to send" in error
    assert error.endswith("upload_data --recipe headlines-fast --name tickets --file PATH")
