"""The lock is read as pip reads it: one entry per environment marker, with its hashes."""

import pytest
from packaging.requirements import Requirement

from newsgroup_classifier.errors import DeploymentError
from scripts.account.lock import LOCK, locked_entries, locked_version

TEXT = """\
# written by uv
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:0a \\
    --hash=sha256:0b
    # via scikit-learn
numpy==2.5.1 ; python_full_version >= '3.12' \\
    --hash=sha256:0c
wordcloud==1.9.6
wordcloud-extra==1.0
"""


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text(TEXT)
    return path


def test_entries_of_a_package_have_all_markers_and_hashes(lock):
    lines = TEXT.splitlines(keepends=True)
    assert locked_entries("numpy", lock) == ["".join(lines[1:4]), "".join(lines[5:7])]
    assert locked_entries("wordcloud", lock) == [lines[7]]


def test_version_of_a_package_is_that_of_the_python(lock):
    assert locked_version("numpy", "3.11", lock) == "2.4.6"
    assert locked_version("numpy", "3.12", lock) == "2.5.1"


@pytest.mark.parametrize(
    "read", [locked_entries, lambda name, lock: locked_version(name, "3.12", lock)]
)
def test_package_that_the_lock_does_not_pin_is_an_error_with_its_remedy(lock, read):
    with pytest.raises(DeploymentError, match="does not pin nltk; run: make lock"):
        read("nltk", lock)


def test_every_entry_of_the_committed_lock_is_pinned_and_has_hashes():
    names = [line.split("==")[0] for line in LOCK.read_text().splitlines() if "==" in line]
    assert len(names) > 100
    for name in set(names):
        for entry in locked_entries(name):
            first, *hashes = entry.replace("\\\n", "\n").splitlines()
            assert str(Requirement(first.strip()).specifier).startswith("==")
            assert hashes and all(line.startswith("    --hash=sha256:") for line in hashes), name
