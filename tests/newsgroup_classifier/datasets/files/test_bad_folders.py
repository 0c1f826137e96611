"""Folders and archives without classes of texts are refused with the folder or file to pass."""

import gzip
import os
import zipfile

import pytest

from newsgroup_classifier.datasets.files import opening
from newsgroup_classifier.errors import DataError
from tests.newsgroup_classifier.datasets.files.bad_files import (
    check_refusal,
    file,
    many,
    write,
    zipped,
)
from tests.newsgroup_classifier.datasets.files.own_files import prepare


def nested(folder):
    """Write a folder of reviews as that of IMDb, with other files next to the folders."""
    for name in ("train/pos", "train/neg", "test/pos", "test/neg"):
        (folder / name).mkdir(parents=True)
        for number in range(3):
            (folder / name / f"{number}.txt").write_text(f"{name} {number}", encoding="utf-8")
    (folder / "train/urls_pos.txt").write_text("an address", encoding="utf-8")
    (folder / "README").write_text("about", encoding="utf-8")
    return folder


def renamed(path):
    """Write a zip archive with a name in it that is not UTF-8."""
    content = zipped(path, {"ä.csv": "body,queue\n"}).read_bytes()
    return write(path, content.replace("ä".encode(), b"\xff\xff"))


def broken_lzma(path):
    """Write a zip archive whose LZMA stream is damaged."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("x.csv", many(9))
    content = path.read_bytes()
    return write(path, content[:50] + b"\xff" * 20 + content[70:])


def foreign(folder):
    """Write a folder with the name of a class in Latin-1."""
    for name in (b"good", b"sch\xf6n"):
        place = folder / os.fsdecode(name)
        place.mkdir(parents=True)
        write(place / "1.txt", "x")
    return folder


BAD = {
    "name in a zip that is not UTF-8": (
        lambda f: renamed(f / "x.zip"),
        r"x\.zip cannot be unpacked \(invalid start byte\); pack",
    ),
    "damaged LZMA": (lambda f: broken_lzma(f / "x.zip"), r"x\.csv cannot be unpacked \(Corrupt"),
    "name of a class that is not UTF-8": (
        lambda f: foreign(f / "x"),
        r"has a folder whose name 'sch\\udcf6n' is not UTF-8; expected",
    ),
    "folders of images": (
        lambda f: zipped(f / "x.zip", {"a/1.png": "x", "a/2.JPG": "y", "b/3.jpeg": "z"}),
        r"x\.zip holds images, and the recipe reads texts; choose a recipe for images, such as --",
    ),
    "one folder next to files": (
        lambda f: zipped(f / "x.zip", {"v2/1.txt": "x", "v2/2.txt": "y", "a.txt": "", "b.csv": ""}),
        r"x\.zip has texts in one subfolder, 'v2'; expected two or more subfolders, one per class",
    ),
    "image": (file("x", "x.png"), r"x\.png holds images, and the recipe reads texts; choose"),
    "empty zip archive": (lambda f: zipped(f / "x.zip", {}), r"x\.zip has no files; expected"),
    "zip archive of two tables": (
        lambda f: zipped(f / "x.zip", {"a.csv": "body,queue\n", "b.csv": "body,queue\n"}),
        r"such as .*x\.zip/billing/1\.txt, or a single file$",
    ),
    "damaged gzip": (
        lambda f: write(f / "x.csv.gz", gzip.compress(many(9).encode())[:-9]),
        r"cannot be unpacked \(.*\); pack the file again",
    ),
    "damaged zip": (file(b"PK\3\4" + b"x" * 99, "x.zip"), "cannot be unpacked"),
    "Excel": (
        lambda f: zipped(f / "x.xlsx", {"[Content_Types].xml": "", "xl/workbook.xml": ""}),
        "is an Office file; save the table as CSV UTF-8",
    ),
    "path that leads out of a zip": (
        lambda f: zipped(f / "x.zip", {"../../a/1.txt": "x", "b/2.txt": "y"}),
        "has a file whose path leads out of the archive",
    ),
    "absolute path in a zip": (
        lambda f: zipped(f / "x.zip", {"/a/1.txt": "x", "b/2.txt": "y"}),
        "has a file whose path leads out of the archive",
    ),
    "folders in the folders": (
        lambda f: nested(f / "imdb"),
        (
            r"imdb has folders \('test', 'train'\) with folders in them; expected one subfolder of "
            r"files per class\. If the inner folders are the classes, pass one of the outer folders"
        ),
    ),
    "folders in the folders of a zip": (
        lambda f: zipped(f / "x.zip", {f"a/b/{name}/1.txt": "x" for name in ("c/d", "c/e", "f/g")}),
        r"x\.zip has folders \('c', 'f'\) with folders in them; expected one subfolder of files",
    ),
    "folder without classes": (
        lambda f: write(f / "1.txt", "x").parent,
        "has no subfolders with files; expected one subfolder per class, such as",
    ),
    "zip without files": (lambda f: zipped(f / "x.zip", {"a/": ""}), "has no files; expected"),
}


@pytest.mark.parametrize("name", BAD)
def test_folder_or_archive_without_texts_is_refused_in_one_plain_line(tmp_path, name):
    check_refusal(tmp_path, *BAD[name])


@pytest.mark.parametrize("pack", ["gzip", "zip"])
def test_archive_that_expands_without_limit_is_refused(tmp_path, monkeypatch, pack):
    monkeypatch.setattr(opening, "_ALWAYS_ALLOWED", 2**16)
    content = b"body,queue\n" + b"x,1\ny,2\n" * 2**17
    if pack == "gzip":
        path = write(tmp_path / "x.csv.gz", gzip.compress(content))
    else:
        path = zipped(tmp_path / "x.zip", {"x.csv": content})
    with pytest.raises(DataError, match="expands to more than 200 times its size"):
        prepare(path)


def test_file_in_a_folder_that_is_not_text_is_named(tmp_path):
    for place, content in (("a/1.txt", b"x"), ("b/2.txt", b"\xff\xfe\0\0\1")):
        (tmp_path / place).parent.mkdir()
        write(tmp_path / place, content)
    with pytest.raises(DataError, match=r"b/2\.txt"):
        prepare(tmp_path)
