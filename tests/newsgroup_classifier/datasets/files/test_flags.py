"""Flags that do not fit a file are refused in one line, with the flag to blame."""

import codecs
import encodings
import pkgutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from newsgroup_classifier.datasets.files.decoding import check_encoding
from newsgroup_classifier.errors import DataError
from tests.newsgroup_classifier.datasets.files.own_files import TICKETS, prepare, write_csv

NOT_OF_TEXT_FILES = [
    *("unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "charmap"),
    *("rot13", "base64", "hex", "quopri", "uu", "zlib", "bz2", "utf-9", "", "utf\0"),
]


def refused_encoding(name):
    try:
        check_encoding(name)
    except DataError as error:
        assert str(error).startswith(f"--encoding {name!r} is not a known encoding of text files")
        return True
    return False


@pytest.mark.parametrize("name", NOT_OF_TEXT_FILES)
def test_encoding_that_no_text_file_has_is_refused(name):
    assert refused_encoding(name)


def test_encodings_of_python_that_are_accepted_keep_every_ascii_text():
    names = {module.name for module in pkgutil.iter_modules(encodings.__path__)} - {"aliases"}
    accepted = [name for name in names if not refused_encoding(name)]
    assert {"utf_8", "utf_16", "utf_32", "latin_1", "cp1252", "shift_jis", "gb18030"} <= {*accepted}
    for name in accepted:
        decoder = codecs.getincrementaldecoder(name)()
        encoded = "body,queue".encode(name)
        pieces = [decoder.decode(encoded[at : at + 1]) for at in range(len(encoded))]
        assert "".join([*pieces, decoder.decode(b"", final=True)]) == "body,queue"


def test_encoding_for_parquet_is_refused_with_what_to_do(tmp_path):
    path = tmp_path / "x.parquet"
    texts, labels = zip(*TICKETS, strict=True)
    pq.write_table(pa.table({"body": texts, "queue": labels}), path)
    message = r"x\.parquet is a Parquet file, always in UTF-8; omit --encoding"
    with pytest.raises(DataError, match=message):
        prepare(path, encoding="latin-1")
    assert prepare(path).report["rows"]["read"] == len(TICKETS)


SAME = [("text", "label"), ("text", "title"), ("text", "group"), ("label", "title")]
SAME += [("label", "group"), ("title", "group")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_column_that_two_flags_name_is_refused_with_both(one, other, tmp_path):
    rows = [(text, queue, "x") for text, queue in TICKETS]
    path = write_csv(tmp_path / "x.csv", rows, ("body", "queue", "id"))
    with pytest.raises(DataError, match=rf"column 'id' is passed twice \(--{one}, --{other}\)"):
        prepare(path, **{one: "id", other: "id"})


@pytest.mark.parametrize("flag", ["title", "group"])
@pytest.mark.parametrize("name", ["body", "queue"])
def test_title_or_group_that_is_the_only_column_of_texts_or_labels_is_named(flag, name, tmp_path):
    path = write_csv(tmp_path / "x.csv")
    with pytest.raises(DataError) as caught:
        prepare(path, **{flag: name})
    missing = {"body": "text", "queue": "label"}[name]
    assert f"the column of {missing}s cannot be guessed from the names (" in str(caught.value)
    assert f"{name!r} is --{flag}); pass --{missing} with one" in str(caught.value)


@pytest.mark.parametrize(
    ("columns", "flags", "words"),
    [
        (
            ("body", "two", "three"),
            {},
            "the column of labels cannot be guessed from the names ('body' has the texts); "
            "pass --label with one of these: 'two' (",
        ),
        (
            ("one", "queue", "three"),
            {},
            "the column of texts cannot be guessed from the names ('queue' has the labels); "
            "pass --text with one of these: 'one' (",
        ),
        (
            ("one", "two", "three"),
            {"label": "three"},
            "the column of texts cannot be guessed from the names ('three' is --label); pass "
            "--text with one of these: 'one' (",
        ),
        (
            ("body", "two", "three"),
            {"group": "three"},
            "guessed from the names ('body' has the texts and 'three' is --group); pass --label",
        ),
    ],
)
def test_only_the_column_that_is_unknown_is_asked_for(columns, flags, words, tmp_path):
    rows = [(text, queue, "x") for text, queue in TICKETS]
    with pytest.raises(DataError) as caught:
        prepare(write_csv(tmp_path / "x.csv", rows, columns), **flags)
    assert words in str(caught.value)
