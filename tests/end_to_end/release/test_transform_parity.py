"""A batch transform says of every post what the model in memory says, on one instance or on two."""

import json

import numpy as np
import pytest

_SLICE = 400  # posts that `make test` transforms
_FILES = 4
_TOLERANCE = 1e-6


def write_files(posts, folder):
    """Write posts as JSON lines into several files of names in their order."""
    folder.mkdir()
    for number in range(_FILES):
        part = posts[number * len(posts) // _FILES : (number + 1) * len(posts) // _FILES]
        lines = "".join(json.dumps(post.text) + "\n" for post in part)
        (folder / f"posts-{number}.jsonl").write_text(lines, encoding="utf-8")
    return folder


def transformed(release, folder, instances):
    """Return the bytes of all outputs in the order of their names."""
    flags = ("--instance-count", str(instances), "--workers", "1")
    result = release.scripts.run("transform", "--input", str(folder), *flags).result
    bucket, root = result["output"].removeprefix("s3://").split("/", 1)
    s3 = release.scripts.client("s3")
    return [
        s3.get_object(Bucket=bucket, Key=f"{root}posts-{number}.jsonl.out")["Body"].read()
        for number in range(_FILES)
    ]


def check(outputs, posts, model):
    """Assert that labels are the model's exactly and probabilities within the tolerance."""
    answers = [json.loads(line) for line in b"".join(outputs).splitlines()]
    texts = [post.text for post in posts]
    assert [answer["label"] for answer in answers] == model.labels(texts)
    rows = [[answer["probabilities"][name] for name in model.label_names] for answer in answers]
    assert np.abs(np.array(rows) - model.probabilities(texts)).max() <= _TOLERANCE


def test_a_slice_of_the_posts_is_labelled_as_in_memory(release, posts, model, tmp_path):
    part = posts[:: max(1, len(posts) // _SLICE)]
    outputs = transformed(release, write_files(part, tmp_path / "posts"), 2)
    check(outputs, part, model)


@pytest.mark.slow
def test_all_posts_are_labelled_alike_on_one_and_two_instances(
    release, posts, model, data_source, tmp_path
):
    folder = write_files(posts, tmp_path / "posts")
    one, two = (transformed(release, folder, count) for count in (1, 2))
    assert one == two
    check(one, posts, model)
    if data_source.real:
        assert len(posts) == 7532
