"""An invalid vocabulary file is refused with the reason."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsgroup_classifier.errors import ArtifactError
from newsgroup_classifier.text.encoders import read_encoder, write_encoder
from newsgroup_classifier.text.ngram_bags import NgramBags
from newsgroup_classifier.text.stemmed_tfidf import StemmedTfidf
from newsgroup_classifier.text.word_sequences import WordSequences

TEXTS = ["one two three", "two three", "three"]
CONTENTS = {
    "sequence": json.loads(write_encoder(WordSequences(4, 5).fit(TEXTS))),
    "ngrams": json.loads(write_encoder(NgramBags(2, 3).fit(TEXTS))),
    "words": json.loads(write_encoder(NgramBags(1, 0).fit(TEXTS))),
    "stems": json.loads(write_encoder(StemmedTfidf().fit(TEXTS))),
}
MISSING = object()
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def changed(kind, path, value):
    content = copy.deepcopy(CONTENTS[kind])
    *parents, last = path
    parent = content
    for step in parents:
        parent = parent[step]
    if value is MISSING:
        del parent[last]
    else:
        parent[last] = value
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("kind", "path", "value", "reason"),
    [
        ("sequence", ["kind"], "pickle", "kind is 'pickle'; expected sequence or ngrams or stems"),
        ("sequence", ["kind"], ["sequence"], "kind is a list of 1 item"),
        ("sequence", ["kind"], MISSING, "it is not an object with a kind"),
        ("sequence", ["maxlen"], MISSING, "it has the fields max_features, pad, vocabulary; exp"),
        ("sequence", ["more"], 1, "it has the fields max_features, maxlen, pad, vocabulary, more"),
        ("sequence", ["maxlen"], 0, "maxlen is 0; expected an integer from 1 to 100000"),
        ("sequence", ["maxlen"], 10**12, "maxlen is 1000000000000; expected an integer"),
        ("sequence", ["maxlen"], 10**4000, "maxlen is 1000000000000000000000000000000000000000..."),
        ("sequence", ["maxlen"], True, "maxlen is True; expected an integer"),
        ("sequence", ["maxlen"], 5.0, "maxlen is 5.0; expected an integer"),
        ("sequence", ["pad"], "left", "pad is 'left'; expected front or back"),
        ("sequence", ["pad"], None, "pad is None; expected front or back"),
        ("sequence", ["max_features"], 3, "vocabulary has 3 words; expected 1 to 2"),
        ("sequence", ["vocabulary"], [], "vocabulary has 0 words; expected 1 to 3"),
        ("sequence", ["vocabulary"], {"one": 1}, "vocabulary is an object of 1 field; expected"),
        (
            "sequence",
            ["vocabulary", 1],
            7,
            "vocabulary[1] is 7; expected a string of one character",
        ),
        ("sequence", ["vocabulary", 1], "", "vocabulary[1] is ''; expected a string of one"),
        ("sequence", ["vocabulary", 1], "\ud800", "vocabulary[1] is '\\ud800'; expected valid"),
        ("sequence", ["vocabulary", 1], "three", "vocabulary has 'three' more than once"),
        ("ngrams", ["word_ngrams"], 0, "word_ngrams is 0; expected an integer from 1 to 5"),
        ("ngrams", ["character_ngrams"], 1, "character_terms is an object of 2 fields; exp"),
        ("ngrams", ["character_ngrams"], "3", "character_ngrams is '3'; expected an int"),
        ("ngrams", ["character_terms"], None, "character_terms is None; expected an object"),
        ("words", ["character_ngrams"], 2, "character_terms is None; expected an object"),
        ("ngrams", ["texts"], 0, "texts is 0; expected an integer from 1"),
        ("ngrams", ["texts"], 2, "word_terms.frequencies[0] is 3; expected an integer from 1"),
        ("ngrams", ["min_df"], -1, "min_df is -1; expected an integer from 1 to 3"),
        ("ngrams", ["word_terms"], ["one"], "word_terms is a list of 1 item; expected an object"),
        ("ngrams", ["word_terms", "names"], MISSING, "word_terms has the fields frequencies; exp"),
        ("ngrams", ["word_terms", "names", 0], None, "names[0] is None; expected a string"),
        ("ngrams", ["word_terms", "frequencies"], 5, "word_terms.frequencies is 5; expected 5"),
        (
            "ngrams",
            ["word_terms", "frequencies"],
            [3],
            "word_terms.frequencies is a list of 1 item; exp",
        ),
        ("ngrams", ["word_terms", "frequencies", 0], 0, "word_terms.frequencies[0] is 0; expected"),
        ("ngrams", ["word_terms", "frequencies", 0], 1.5, "word_terms.frequencies[0] is 1.5; exp"),
        ("stems", ["terms"], "all", "terms is 'all'; expected an object"),
        (
            "stems",
            ["max_features"],
            10**9,
            "max_features is 1000000000; expected an integer from 1 to",
        ),
    ],
)
def test_read_encoder_of_an_invalid_field_names_it(kind, path, value, reason):
    with pytest.raises(ArtifactError) as caught:
        read_encoder(changed(kind, path, value))
    message = str(caught.value)
    assert message.startswith("the vocabulary is invalid: ")
    assert reason in message
    assert message.endswith(". Train the model again.")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it cannot be read (Expecting value"),
        (b"[]", "it is not an object with a kind"),
        (b'{"kind": "stems"', "it cannot be read (Expecting"),
        (b"\xff\xfe", "it cannot be read ('utf-8' codec"),
        (b'{"kind": "stems", "min_df": NaN}', "it cannot be read (NaN is not a JSON number)"),
        (b'{"kind": "stems", "min_df": -Infinity}', "it cannot be read (-Infinity is not a JSON"),
        (b'{"kind": "stems", "kind": "stems"}', "it cannot be read (a field occurs more than"),
        (b'{"min_df": ' + b"1" * 5000 + b"}", "it cannot be read (Exceeds the limit"),
        (b"[" * 100_000, "it cannot be read ("),
        (b"\x80\x04K\x01.", "it cannot be read ('utf-8' codec"),
    ],
)
def test_read_encoder_of_invalid_json_says_so(content, reason):
    with pytest.raises(ArtifactError) as caught:
        read_encoder(content)
    assert reason in str(caught.value)


@given(st.binary())
def test_read_encoder_of_any_bytes_raises_artifact_error(content):
    with pytest.raises(ArtifactError):
        read_encoder(content)


@given(st.sampled_from(sorted(CONTENTS)), st.data())
def test_read_encoder_of_any_field_returns_an_encoder_or_raises_artifact_error(kind, data):
    name = data.draw(st.sampled_from(sorted(CONTENTS[kind])))
    content = changed(kind, [name], data.draw(any_json))
    try:
        encoder = read_encoder(content)
    except ArtifactError as error:
        assert "expected" in str(error)
    else:
        rows = encoder.transform(TEXTS)
        assert rows["tokens"].max() < encoder.size
