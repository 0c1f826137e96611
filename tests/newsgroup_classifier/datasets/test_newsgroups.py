"""The 20 Newsgroups loader accepts the published archive and refuses an incomplete one."""

import io
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsgroup_classifier.datasets.catalogue import load_dataset
from newsgroup_classifier.datasets.newsgroups import (
    ARCHIVE,
    COUNTS,
    GROUPS,
    load_newsgroups,
    subject_of,
)
from newsgroup_classifier.errors import DataError, ProjectError

POST = b"From: a\nSubject: Re: caf\xe9 \nLines: 1\n\nbody\n"


def archive_of(posts):
    """Return the bytes of an archive in the published form, from posts by path."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in posts.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def published_posts():
    """Return a small post for each path that the archive must have."""
    return {
        f"20news-bydate-{split}/{group}/{number}": POST
        for group, counts in COUNTS.items()
        for split, count in zip(("train", "test"), counts, strict=True)
        for number in range(count)
    }


@pytest.fixture(scope="module")
def whole():
    """Create an archive with all published counts."""
    return archive_of(published_posts())


@pytest.fixture
def data_dir(tmp_path):
    """Return a data folder to which a test writes the archive."""
    (tmp_path / ARCHIVE.folder).mkdir()
    return tmp_path


def put(data_dir, content):
    path = data_dir / ARCHIVE.folder / ARCHIVE.names[0]
    path.write_bytes(content)
    return path


def refusal(data_dir):
    with pytest.raises(DataError) as caught:
        load_newsgroups(data_dir)
    return str(caught.value)


def test_load_newsgroups_of_a_complete_archive_returns_every_post(data_dir, whole):
    put(data_dir, whole)
    dataset = load_newsgroups(data_dir)
    assert (len(dataset.train), len(dataset.test)) == (11314, 7532)
    assert dataset.source == "20 Newsgroups (bydate)"


def test_load_newsgroups_decodes_posts_as_latin_1_with_subject_and_label(data_dir, whole):
    put(data_dir, whole)
    last = load_newsgroups(data_dir).train.iloc[-1]
    assert list(last) == [POST.decode("latin-1"), "Re: caf\xe9", "talk.religion.misc", 19]


def test_load_newsgroups_of_an_archive_that_lacks_a_post_names_group_and_counts(data_dir):
    posts = published_posts()
    del posts["20news-bydate-test/sci.space/7"]
    path = put(data_dir, archive_of(posts))
    assert refusal(data_dir) == (
        f"{path} has 393 posts of sci.space in its test part; the published set has 394. "
        "Download the file again."
    )


@pytest.mark.slow
def test_load_newsgroups_of_an_archive_with_an_extra_post_names_group_and_counts(data_dir):
    posts = published_posts() | {"20news-bydate-train/alt.atheism/more": POST}
    put(data_dir, archive_of(posts))
    message = refusal(data_dir)
    assert "481 posts of alt.atheism in its train part; the published set has 480" in message


def test_load_newsgroups_of_an_archive_with_other_files_is_refused(data_dir):
    put(data_dir, archive_of({"README": POST, "other/sci.space/1": POST}))
    assert "has 0 posts of alt.atheism" in refusal(data_dir)


def test_load_newsgroups_of_an_archive_with_an_unknown_group_names_it(data_dir):
    put(data_dir, archive_of({"20news-bydate-train/alt.other/1": POST}))
    assert "has an unknown group 'alt.other'" in refusal(data_dir)


@pytest.mark.parametrize(
    "content", [b"", b"no archive", archive_of({})[:20]], ids=["empty", "text", "truncated"]
)
def test_load_newsgroups_of_a_file_that_is_not_an_archive_says_so(data_dir, content):
    path = put(data_dir, content)
    assert refusal(data_dir).startswith(f"{path} is not a complete tar.gz archive (")


@pytest.mark.parametrize("share", [0.5, 1], ids=["half", "checksum"])
def test_load_newsgroups_of_a_truncated_archive_says_so(data_dir, whole, share):
    put(data_dir, whole[: int(share * len(whole)) - 4])
    assert "is not a complete tar.gz archive (" in refusal(data_dir)


@pytest.mark.parametrize("changed", [b"\xff" * 50, b"\0" * 50], ids=["ones", "zeros"])
def test_load_newsgroups_of_an_archive_with_changed_bytes_says_so(data_dir, changed):
    text = " ".join(map(str, range(30_000))).encode()
    content = archive_of({"20news-bydate-train/sci.space/1": text})
    middle = len(content) // 2
    put(data_dir, content[:middle] + changed + content[middle + len(changed) :])
    assert "is not a complete tar.gz archive (" in refusal(data_dir)


def test_load_newsgroups_without_the_file_names_file_and_folder(data_dir):
    message = refusal(data_dir)
    assert message.startswith(f"{data_dir / '20newsgroups'} has no 20news-bydate.tar.gz. Download ")


def test_load_dataset_of_a_known_name_loads_it(data_dir, whole):
    put(data_dir, whole)
    assert len(load_dataset("20newsgroups", data_dir).test) == 7532


def test_load_dataset_of_an_unknown_name_lists_the_known_names():
    message = r"'30newsgroups'; did you mean 20newsgroups\? \(known: mnist, 20newsgroups, quick"
    with pytest.raises(ProjectError, match=message):
        load_dataset("30newsgroups")


def test_load_newsgroups_of_the_real_archive_has_the_published_counts(real_dataset):
    for split, frame in enumerate((real_dataset.train, real_dataset.test)):
        counts = frame["label_names"].value_counts().to_dict()
        assert counts == {group: published[split] for group, published in COUNTS.items()}


def test_load_newsgroups_of_the_real_archive_numbers_labels_by_sorted_name(real_dataset):
    pairs = set(zip(real_dataset.train["label"], real_dataset.train["label_names"], strict=True))
    assert pairs == set(enumerate(sorted(GROUPS)))


def test_load_newsgroups_of_the_real_archive_has_raw_posts(real_dataset):
    assert real_dataset.train["data"].str.contains("From:").all()
    assert (real_dataset.train["data_subject"] != "").mean() > 0.99


@pytest.mark.parametrize(
    ("post", "subject"),
    [
        ("From: a\nSubject: b c \n\nbody", "b c"),
        ("Subject:b", "b"),
        ("Subject: Re: Subject: x\n", "Re: Subject: x"),
        ("From: a\n\nSubject: in the body", ""),
        ("From: a\r\nSubject: b\r\n\r\nbody", "b"),
        ("From: a\n \nSubject: in the body", ""),
        ("subject: b\n", ""),
        ("", ""),
    ],
)
def test_subject_of_a_post_returns_its_subject_header(post, subject):
    assert subject_of(post) == subject


@given(st.text())
@settings(max_examples=100)
def test_subject_of_any_text_returns_a_part_of_it(text):
    assert subject_of(text) in text
