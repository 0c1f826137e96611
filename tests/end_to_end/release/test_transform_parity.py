"""A batch transform predicts every post as the model in memory does, on one or two instances."""

import json

import pytest

from tests.end_to_end.posts import check_predictions

_SLICE = 400  # posts that the first test transforms
_FILES = 4


def write_files(posts, folder):
    """Write posts as JSON lines into several files whose names keep their order."""
    folder.mkdir()
    for number in range(_FILES):
        part = posts[number * len(posts) // _FILES : (number + 1) * len(posts) // _FILES]
        lines = "".join(json.dumps(post.text) + "\n" for post in part)
        (folder / f"posts-{number}.jsonl").write_text(lines, encoding="utf-8")
    return folder


def transformed(release, folder, instances):
    """Return the content of all outputs in the order of their names."""
    flags = ("--instance-count", str(instances), "--workers", "1")
    result = release.scripts.run("transform", "--input", str(folder), *flags).result
    outputs = release.scripts.read_objects(result["output"])
    assert len(outputs) == _FILES
    return b"".join(outputs[name] for name in sorted(outputs))


def check(output, posts, model):
    lines = [json.loads(line) for line in output.splitlines()]
    check_predictions(lines, [post.text for post in posts], model)


@pytest.mark.slow
def test_transform_of_some_posts_predicts_as_the_model_in_memory(release, posts, model, tmp_path):
    part = posts[:: max(1, len(posts) // _SLICE)]
    check(transformed(release, write_files(part, tmp_path / "posts"), 2), part, model)


@pytest.mark.slow
def test_transform_of_all_posts_is_the_same_on_one_and_two_instances(
    release, posts, model, data_source, tmp_path
):
    folder = write_files(posts, tmp_path / "posts")
    one, two = (transformed(release, folder, count) for count in (1, 2))
    assert one == two
    check(one, posts, model)
    if data_source.real:
        assert len(posts) == 7532
