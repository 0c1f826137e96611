"""The function scores n-grams as the library does, and refuses models of other releases."""

import hashlib
import json
import tracemalloc
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_handler.handler import Handler
from lambda_handler.model_store import ModelStore
from newsgroup_classifier.export.npz import write_hashed_linear, write_npz
from newsgroup_classifier.hashed_text.blocks import CHARACTERS, MARKS, PIECES, TOKENS, WORDS, Block
from newsgroup_classifier.hashed_text.model import Sharpness, fold
from newsgroup_classifier.hashed_text.parts import BODY, SUBJECT, TITLE
from newsgroup_classifier.hashed_text.vocabulary import learn
from tests.lambda_handler.models.changed_models import (
    check_arrays_are_needed,
    check_entries_are_needed,
    loaded,
    parts_of,
    refusal,
    without,
)

ABOUT = {"recipe": "text-linear", "label_names": ["rain", "sun", "007"], "versions": {}}
TEXTS = [
    "Subject: Regen\n\nDer Regen fällt.\n> wirklich?\n-- \nJo",
    "東京は雨です",
    "the rain, the Rain & RAIN a.b@c.d",
    "مطر غدا",
    "🙂 🙂 rain! e\u0301",
]
BLOCKS = [
    Block(WORDS, 1, 2, k1=1.2, b=0.5),
    Block(PIECES, 3, 5, characters=20),
    Block(CHARACTERS, 1, 5, lower=False),
    Block(MARKS, 1, 2, lower=False),
    Block(TOKENS, 1, 1, part=BODY),
    Block(WORDS, 1, 2, part=SUBJECT),
    Block(PIECES, 1, 3, part=TITLE, min_df=2),
]


def made_model():
    """Return a model with random weights, of which every other n-gram was dropped."""
    random = np.random.default_rng(0)
    vocabularies = [learn(block, TEXTS)[0] for block in BLOCKS]
    kept = [each.keep(np.arange(0, len(each.keys), 2), 1.0) for each in vocabularies]
    features = sum(len(each.keys) for each in kept)
    model = fold(kept, random.normal(size=(features, 3)), random.normal(size=3))
    return replace(model, sharpness=Sharpness(0.5, -0.6))


MODEL = made_model()


@pytest.fixture(scope="module")
def parts():
    return parts_of(write_hashed_linear(MODEL, ABOUT))


@given(texts=st.lists(st.one_of(st.sampled_from(TEXTS), st.text()), max_size=4))
@settings(max_examples=50)
def test_file_scores_as_the_model_that_was_written(parts, texts):
    model = loaded(*parts)
    np.testing.assert_array_equal(model.predict_proba(texts), MODEL.predict_proba(texts))
    assert (model.recipe, model.label_names, model.warning) == (
        "text-linear",
        ("rain", "sun", "007"),
        "",
    )


@given(texts=st.lists(st.one_of(st.sampled_from(TEXTS), st.text()), min_size=2, max_size=4))
@settings(max_examples=50)
def test_text_scores_alike_alone_and_among_others(texts):
    alone = np.concatenate([MODEL.score([text]) for text in texts])
    np.testing.assert_array_equal(alone, MODEL.score(texts))


def test_equal_models_have_equal_bytes():
    assert write_hashed_linear(made_model(), ABOUT) == write_hashed_linear(MODEL, ABOUT)


def test_model_without_an_array_is_refused_with_its_name(parts):
    check_arrays_are_needed(*parts)


def test_model_without_a_manifest_entry_is_refused_with_its_name(parts):
    check_entries_are_needed(*parts)
    manifest, arrays = parts
    for name in manifest["blocks"][0]:
        blocks = [without(manifest["blocks"][0], name), *manifest["blocks"][1:]]
        assert f"lacks '{name}'" in refusal(manifest | {"blocks": blocks}, arrays)


def test_model_with_blocks_of_another_release_is_refused(parts):
    manifest, arrays = parts
    first, *rest = manifest["blocks"]
    blocks = [first | {"block": first["block"] | {"more": 1}}, *rest]
    message = refusal(manifest | {"blocks": blocks}, arrays)
    assert "unexpected keyword argument 'more'. Train the model again" in message


def test_other_version_of_unicode_is_in_the_first_log_line(parts, tmp_path, capsys):
    path = tmp_path / "model.npz"
    path.write_bytes(write_npz(parts[0] | {"unicode": "1.1.5"}, parts[1]))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    store = ModelStore({"MODEL_URI": str(path), "MODEL_SHA256": digest})
    handler = Handler(store, "none")
    for _ in range(2):
        handler({"text": "rain"}, SimpleNamespace(aws_request_id="r"))
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert "Unicode 1.1.5" in first["warning"]
    assert "warning" not in second


@pytest.mark.slow
@pytest.mark.parametrize("unit", ["a ", "ab cd. ", "é", "\u4e2d"])
def test_text_of_four_megabytes_takes_bounded_memory(unit):
    text = unit * (4_000_000 // len(unit.encode()))
    tracemalloc.start()
    MODEL.predict_proba([text])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 330_000_000
