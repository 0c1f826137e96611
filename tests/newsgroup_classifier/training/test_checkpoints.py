"""Checkpoints are read as written; damaged ones are skipped, those of other jobs refused."""

import json
from dataclasses import replace

import numpy as np
import pytest

from newsgroup_classifier.errors import TrainingError
from newsgroup_classifier.training.checkpoints import Checkpoints, FitPlan, Progress, State, digest

JOB = {"recipe": "digits-cnn", "hyperparameter epochs": "5"}


def state(epochs):
    """Return a state after a number of epochs, which its first array contains."""
    progress = Progress()
    for number in range(1, epochs + 1):
        progress.add({"validation:loss": 1 / number}, min_delta=0.0)
    arrays = [np.full((2, 3), epochs, "float32"), np.array([7, 9], "int64")]
    return State(progress, arrays, [np.full(4, epochs / 2)])


@pytest.fixture
def written(tmp_path):
    """Write the checkpoints of three epochs, and return them."""
    checkpoints = Checkpoints(tmp_path / "checkpoints", JOB)
    for epochs in (1, 2, 3):
        checkpoints.write(state(epochs))
    return checkpoints


def test_read_returns_the_newest_state_as_written(written):
    newest, warnings = written.read(like=state(0))
    assert warnings == []
    assert newest.progress == state(3).progress
    pairs = zip(newest.arrays + newest.best, state(3).arrays + state(3).best, strict=True)
    for actual, expected in pairs:
        assert actual.dtype == expected.dtype
        assert (actual == expected).all()


def test_write_keeps_the_last_two_checkpoints_and_no_other_file(written):
    names = sorted(path.name for path in written.folder.iterdir())
    assert names == ["epoch-00002.npz", "epoch-00003.npz"]


def test_read_of_an_empty_or_missing_folder_returns_no_state(tmp_path):
    assert Checkpoints(tmp_path / "none", JOB).read(state(0)) == (None, [])
    assert Checkpoints(tmp_path, JOB).read(state(0)) == (None, [])


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_read_skips_a_truncated_checkpoint(written, keep):
    path = written.folder / "epoch-00003.npz"
    content = path.read_bytes()
    path.write_bytes(content[: int(keep if keep >= 1 else keep * len(content))])
    newest, warnings = written.read(state(0))
    assert newest.progress.epoch == 2
    assert warnings[0].startswith("checkpoint epoch-00003.npz is damaged (")
    assert warnings[0].endswith("; skipped")


def test_read_skips_a_checkpoint_with_a_changed_byte(written):
    path = written.folder / "epoch-00003.npz"
    content = bytearray(path.read_bytes())
    offset = content.index(np.full((2, 3), 3, "float32").tobytes())
    content[offset] ^= 1
    path.write_bytes(content)
    newest, warnings = written.read(state(0))
    assert newest.progress.epoch == 2
    assert "CRC" in warnings[0]


@pytest.mark.slow
def test_read_skips_or_refuses_a_checkpoint_with_any_changed_byte(written):
    path = written.folder / "epoch-00003.npz"
    content = path.read_bytes()
    epochs = set()
    for offset in range(0, len(content), 3):
        for flipped in (1, 8, 0x80):
            damaged = bytearray(content)
            damaged[offset] ^= flipped
            path.write_bytes(damaged)
            try:
                newest, _ = written.read(state(0))
            except TrainingError:
                continue
            epochs.add(newest.progress.epoch)
    assert epochs == {2, 3}  # some bytes have no meaning


def test_read_ignores_an_unfinished_file_of_a_killed_job(written):
    (written.folder / "epoch-00004.part").write_bytes(b"PK")
    newest, warnings = written.read(state(0))
    assert (newest.progress.epoch, warnings) == (3, [])


@pytest.mark.parametrize(
    ("job", "message"),
    [
        (JOB | {"recipe": "sketches-cnn"}, "another recipe: digits-cnn; this job has sketches-cnn"),
        (
            JOB | {"hyperparameter epochs": "9"},
            "another hyperparameter epochs: 5; this job has 9. Use the same value, use another",
        ),
        (JOB | {"new": "1"}, "another new: none; this job has 1"),
        ({"recipe": "digits-cnn"}, "another hyperparameter epochs: 5; this job has none"),
    ],
)
def test_read_of_another_jobs_checkpoint_names_the_difference(written, job, message):
    with pytest.raises(TrainingError) as caught:
        Checkpoints(written.folder, job).read(state(0))
    assert message in str(caught.value)


def test_read_of_another_networks_checkpoint_is_refused(written):
    other = State(Progress(), [np.zeros(5)], [np.zeros(4)])
    with pytest.raises(TrainingError, match="do not have the shapes of this network"):
        written.read(other)


def test_read_skips_a_checkpoint_with_a_pickle(tmp_path):
    path = tmp_path / "epoch-00001.npz"
    np.savez(path, about=np.array({"format": 1}, dtype=object))
    newest, warnings = Checkpoints(tmp_path, JOB).read(state(0))
    assert newest is None
    assert "allow_pickle=False" in warnings[0]


def test_digest_depends_on_every_part():
    images = np.zeros((2, 3), "uint8")
    digests = [
        digest(["a", "b"], images),
        digest(["ab", ""], images),
        digest(["a", "b"], images + 1),
        digest(["a", "b"], images.reshape(3, 2)),
        digest(["a", "b"], images.astype("int8")),
    ]
    assert len(set(digests)) == 5
    assert digests[0] == digest(["a", "b"], np.zeros((2, 3), "uint8"))


PLAN = FitPlan(batch_size=8, epochs=6, patience=2, min_delta=0.1, seed=1)


def progress_of(losses):
    progress = Progress()
    for loss in losses:
        progress.add({"validation:loss": loss}, PLAN.min_delta)
    return progress


@pytest.mark.parametrize(
    ("losses", "best", "finished"),
    [
        ([], 0, False),
        ([1.0], 1, False),
        ([1.0, 0.95], 1, False),  # lower, but by less than min_delta
        ([1.0, 0.95, 0.92], 1, True),
        ([1.0, 0.95, 0.85], 3, False),
        ([1.0, 0.8, 0.6, 0.4, 0.2, 0.0], 6, True),
        ([float("nan"), float("nan")], 0, True),
    ],
)
def test_progress_finds_the_best_epoch_and_the_end(losses, best, finished):
    progress = progress_of(losses)
    assert progress.best_epoch == best
    assert progress.finished(PLAN) == finished


@pytest.mark.parametrize("losses", [[], [0.5, 0.25, 1 / 3]])
def test_progress_is_read_from_json_as_written(losses):
    progress = progress_of(losses)
    text = json.dumps(progress.as_json(), allow_nan=False)
    assert Progress.from_json(json.loads(text)) == progress


@pytest.mark.parametrize(("keep", "saved"), [("best", 2), ("last", 3)])
def test_saved_epoch_is_the_best_or_the_last(keep, saved):
    assert progress_of([1.0, 0.5, 0.7]).saved_epoch(replace(PLAN, keep=keep)) == saved


def test_fit_that_saves_the_last_epoch_ignores_patience():
    plan = replace(PLAN, keep="last")
    assert not progress_of([1.0, 2.0, 3.0, 4.0, 5.0]).finished(plan)
    assert progress_of([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).finished(plan)
