"""Files of a user that cannot be used, and the check of their refusals."""

import zipfile

import pytest

from newsgroup_classifier.errors import DataError
from tests.newsgroup_classifier.datasets.files.own_files import prepare

SECRET = "the customer's own words"


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def file(content, name="x.csv"):
    """Return a function that writes a file into a folder."""
    return lambda folder: write(folder / name, content)


def many(count, text="text {}", label="{}", copies=1):
    rows = (f"{text.format(n)},{label.format(n // copies)}" for n in range(count * copies))
    return "body,queue\n" + "\n".join(rows)


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def check_refusal(folder, make, message, flags=None):
    """Fail unless a file made in a folder is refused in one line, without its texts."""
    with pytest.raises(DataError, match=message) as caught:
        prepare(make(folder), **(flags or {}))
    assert "\n" not in str(caught.value)
    assert SECRET not in str(caught.value)
