"""A vocabulary file that somebody changed is refused with what is wrong with it."""

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
    *way, last = path
    place = content
    for step in way:
        place = place[step]
    if value is MISSING:
        del place[last]
    else:
        place[last] = value
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    ("kind", "path", "value", "reason"),
    [
        ("sequence", ["kind"], "pickle", "kind is 'pickle'; expected sequence or ngrams or stems"),
        ("sequence", ["kind"], ["sequence"], "kind is a list of 1 items"),
        ("sequence", ["kind"], MISSING, "it is no object with a kind"),
        ("sequence", ["length"], MISSING, "it has the fields words, pad, vocabulary; expected"),
        ("sequence", ["more"], 1, "it has the fields words, length, pad, vocabulary, more; exp"),
        ("sequence", ["length"], 0, "length is 0; expected a whole number from 1 to 100000"),
        ("sequence", ["length"], 10**12, "length is 1000000000000; expected a whole number"),
        ("sequence", ["length"], 10**4000, "length is 1000000000000000000000000000000000000000..."),
        ("sequence", ["length"], True, "length is True; expected a whole number"),
        ("sequence", ["length"], 5.0, "length is 5.0; expected a whole number"),
        ("sequence", ["pad"], "left", "pad is 'left'; expected front or back"),
        ("sequence", ["pad"], None, "pad is None; expected front or back"),
        ("sequence", ["words"], 3, "vocabulary has 3 words; expected 1 to 2"),
        ("sequence", ["vocabulary"], [], "vocabulary has 0 words; expected 1 to 3"),
        ("sequence", ["vocabulary"], {"one": 1}, "vocabulary is an object of 1 fields; expected"),
        ("sequence", ["vocabulary", 1], 7, "vocabulary[1] is 7; expected a text of one character"),
        ("sequence", ["vocabulary", 1], "", "vocabulary[1] is ''; expected a text of one"),
        ("sequence", ["vocabulary", 1], "\ud800", "vocabulary[1] is '\\ud800', half a character"),
        ("sequence", ["vocabulary", 1], "three", "vocabulary has 'three' more than once"),
        ("ngrams", ["word_ngrams"], 0, "word_ngrams is 0; expected a whole number from 1 to 5"),
        ("ngrams", ["character_ngrams"], 1, "character_terms is an object of 2 fields; exp"),
        ("ngrams", ["character_ngrams"], "3", "character_ngrams is '3'; expected a whole"),
        ("ngrams", ["character_terms"], None, "character_terms is None; expected an object"),
        ("words", ["character_ngrams"], 2, "character_terms is None; expected an object"),
        ("ngrams", ["texts"], 0, "texts is 0; expected a whole number from 1"),
        ("ngrams", ["texts"], 2, "word_terms.frequencies[0] is 3; expected a whole number from 1"),
        ("ngrams", ["min_df"], -1, "min_df is -1; expected a whole number from 1 to 3"),
        ("ngrams", ["word_terms"], ["one"], "word_terms is a list of 1 items; expected an object"),
        ("ngrams", ["word_terms", "names"], MISSING, "word_terms has the fields frequencies; exp"),
        ("ngrams", ["word_terms", "names", 0], None, "names[0] is None; expected a text"),
        ("ngrams", ["word_terms", "frequencies"], 5, "word_terms.frequencies is 5; expected 5"),
        ("ngrams", ["word_terms", "frequencies"], [3], "word_terms.frequencies is 1; expected 5"),
        ("ngrams", ["word_terms", "frequencies", 0], 0, "word_terms.frequencies[0] is 0; expected"),
        ("ngrams", ["word_terms", "frequencies", 0], 1.5, "word_terms.frequencies[0] is 1.5; exp"),
        ("stems", ["terms"], "all", "terms is 'all'; expected an object"),
        ("stems", ["most"], 10**9, "most is 1000000000; expected a whole number from 1 to"),
    ],
)
def test_read_encoder_of_a_changed_field_names_it(kind, path, value, reason):
    with pytest.raises(ArtifactError) as caught:
        read_encoder(changed(kind, path, value))
    message = str(caught.value)
    assert message.startswith("the vocabulary is broken: ")
    assert reason in message
    assert message.endswith(". Train the model again.")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it cannot be read (Expecting value"),
        (b"[]", "it is no object with a kind"),
        (b'{"kind": "stems"', "it cannot be read (Expecting"),
        (b"\xff\xfe", "it cannot be read ('utf-8' codec"),
        (b'{"kind": "stems", "min_df": NaN}', "it cannot be read (NaN is no number of JSON)"),
        (b'{"kind": "stems", "min_df": -Infinity}', "it cannot be read (-Infinity is no number"),
        (b'{"kind": "stems", "kind": "stems"}', "it cannot be read (a field is there more than"),
        (b'{"min_df": ' + b"1" * 5000 + b"}", "it cannot be read (Exceeds the limit"),
        (b"[" * 100_000, "it cannot be read ("),
        (b"\x80\x04K\x01.", "it cannot be read ('utf-8' codec"),
    ],
)
def test_read_encoder_of_no_json_object_says_so(content, reason):
    with pytest.raises(ArtifactError) as caught:
        read_encoder(content)
    assert reason in str(caught.value)


@given(st.binary())
def test_read_encoder_of_any_bytes_raises_nothing_but_artifact_errors(content):
    with pytest.raises(ArtifactError):
        read_encoder(content)


@given(st.sampled_from(sorted(CONTENTS)), st.data())
def test_read_encoder_of_any_field_is_an_encoder_or_an_artifact_error(kind, data):
    name = data.draw(st.sampled_from(sorted(CONTENTS[kind])))
    content = changed(kind, [name], data.draw(any_json))
    try:
        encoder = read_encoder(content)
    except ArtifactError as error:
        assert "expected" in str(error)
    else:
        rows = encoder.transform(TEXTS)
        assert rows["tokens"].max() < encoder.size
