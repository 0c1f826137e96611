"""Checkpoints come back as they were written; broken ones are left out, foreign ones refused."""

import numpy as np
import pytest

from newsgroup_classifier.errors import TrainingError
from newsgroup_classifier.training.checkpoints import Checkpoints, State, digest
from newsgroup_classifier.training.progress import Progress

JOB = {"recipe": "digits-cnn", "hyperparameter epochs": "5"}


def state(epochs):
    """Return a state after so many epochs; its first array holds the number."""
    progress = Progress()
    for number in range(1, epochs + 1):
        progress.add({"validation:loss": 1 / number}, min_delta=0.0)
    arrays = [np.full((2, 3), epochs, "float32"), np.array([7, 9], "int64")]
    return State(progress, arrays, [np.full(4, epochs / 2)])


@pytest.fixture
def written(tmp_path):
    """Write the checkpoints of three epochs; return the folder of them."""
    checkpoints = Checkpoints(tmp_path / "checkpoints", JOB)
    for epochs in (1, 2, 3):
        checkpoints.write(state(epochs))
    return checkpoints


def test_checkpoints_give_the_newest_state_as_it_was(written):
    found, told = written.read(like=state(0))
    assert told == []
    assert found.progress == state(3).progress
    pairs = zip(found.arrays + found.best, state(3).arrays + state(3).best, strict=True)
    for mine, expected in pairs:
        assert mine.dtype == expected.dtype
        assert (mine == expected).all()


def test_checkpoints_keep_the_last_two_and_nothing_half_written(written):
    names = sorted(path.name for path in written.folder.iterdir())
    assert names == ["epoch-00002.npz", "epoch-00003.npz"]


def test_checkpoints_of_an_empty_or_missing_folder_have_no_state(tmp_path):
    assert Checkpoints(tmp_path / "none", JOB).read(state(0)) == (None, [])
    assert Checkpoints(tmp_path, JOB).read(state(0)) == (None, [])


@pytest.mark.parametrize("keep", [0, 10, 0.5, 0.99])
def test_checkpoint_cut_off_is_left_out_for_the_one_before(written, keep):
    path = written.folder / "epoch-00003.npz"
    content = path.read_bytes()
    path.write_bytes(content[: int(keep if keep >= 1 else keep * len(content))])
    found, told = written.read(state(0))
    assert found.progress.epoch == 2
    assert told[0].startswith("checkpoint epoch-00003.npz is broken (")
    assert told[0].endswith("; it is left out")


def test_checkpoint_with_a_changed_byte_is_left_out(written):
    path = written.folder / "epoch-00003.npz"
    content = bytearray(path.read_bytes())
    place = content.index(np.full((2, 3), 3, "float32").tobytes())
    content[place] ^= 1
    path.write_bytes(content)
    found, told = written.read(state(0))
    assert found.progress.epoch == 2
    assert "CRC" in told[0]


def test_checkpoint_with_any_changed_byte_is_refused_plainly_or_left_out(written):
    path = written.folder / "epoch-00003.npz"
    content = path.read_bytes()
    epochs = set()
    for place in range(0, len(content), 3):
        for flipped in (1, 8, 0x80):
            wrong = bytearray(content)
            wrong[place] ^= flipped
            path.write_bytes(wrong)
            try:
                found, _ = written.read(state(0))
            except TrainingError:
                continue
            epochs.add(found.progress.epoch)
    assert epochs == {2, 3}  # not every byte means something


def test_half_written_file_of_a_killed_job_is_not_looked_at(written):
    (written.folder / "epoch-00004.part").write_bytes(b"PK")
    found, told = written.read(state(0))
    assert (found.progress.epoch, told) == (3, [])


@pytest.mark.parametrize(
    ("job", "message"),
    [
        (JOB | {"recipe": "sketches-cnn"}, "another recipe: digits-cnn; this job has sketches-cnn"),
        (
            JOB | {"hyperparameter epochs": "9"},
            "another hyperparameter epochs: 5; this job has 9. Train with the same, give this job",
        ),
        (JOB | {"new": "1"}, "another new: none; this job has 1"),
        ({"recipe": "digits-cnn"}, "another hyperparameter epochs: 5; this job has none"),
    ],
)
def test_checkpoint_of_another_job_is_refused_by_what_differs(written, job, message):
    with pytest.raises(TrainingError) as caught:
        Checkpoints(written.folder, job).read(state(0))
    assert message in str(caught.value)


def test_checkpoint_of_another_network_is_refused(written):
    other = State(Progress(), [np.zeros(5)], [np.zeros(4)])
    with pytest.raises(TrainingError, match="arrays of other shapes than this network"):
        written.read(other)


def test_checkpoint_with_a_pickle_in_it_is_left_out_unread(tmp_path):
    path = tmp_path / "epoch-00001.npz"
    np.savez(path, about=np.array({"format": 1}, dtype=object))
    found, told = Checkpoints(tmp_path, JOB).read(state(0))
    assert found is None
    assert "allow_pickle=False" in told[0]


def test_digest_tells_apart_what_differs_in_any_part():
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
