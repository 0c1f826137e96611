"""A label with a line end is named before a transform whose outputs are CSV."""

import gzip
import io
import json
import tarfile

import pytest

from inference_pipeline.content_types import CSV, JSON_LINES
from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws
from scripts.account.model_archives import ModelArchive
from scripts.transforms.model import check_labels
from tests.scripts.stubbed import stub


def archive_of(label_names):
    """Return a model.tar.gz with a manifest."""
    content = json.dumps({"label_names": label_names}).encode()
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name in ("model.joblib", "./manifest.json"):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(file.getvalue())


def check(label_names, accept):
    """Check a model whose archive is in a stubbed S3."""
    aws, content = Aws("us-east-1"), archive_of(label_names)
    archive = ModelArchive("s3://bucket/model.tar.gz", "v1", "sha")
    with stub(aws, "s3") as s3:
        s3.add_response(
            "get_object",
            {"Body": io.BytesIO(content)},
            {"Bucket": "bucket", "Key": "model.tar.gz", "VersionId": "v1"},
        )
        check_labels(aws, archive, accept)


@pytest.mark.parametrize("end", ["\n", "\r"])
def test_label_with_a_line_end_is_refused_by_number_for_csv(end):
    with pytest.raises(DeploymentError) as caught:
        check(["a", f"b{end}c"], CSV)
    assert str(caught.value) == (
        "the name of label 1 in s3://bucket/model.tar.gz has a line end, but a CSV output has one "
        "line per record; expected --accept application/jsonlines. With --join or filters, write "
        "the input as .jsonl files."
    )


def test_other_labels_and_other_outputs_are_accepted():
    check(["a", "b c"], CSV)
    check_labels(Aws("us-east-1"), ModelArchive("s3://b/m", "v", "sha"), JSON_LINES)
