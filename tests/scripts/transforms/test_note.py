"""A transform says of how many records the model sees nothing, and which local file is at fault."""

import io
from dataclasses import replace
from pathlib import Path

import pytest

from inference_pipeline.content_types import CSV, TEXT
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.transforms.files import Files, Form
from scripts.transforms.note import count_short, short_note
from scripts.transforms.plans import Kept
from tests.scripts.transforms.test_plans import plan

NOWHERE = Aws("eu-west-1")


@pytest.mark.parametrize("content_type", [CSV, TEXT])
def test_records_of_one_line_are_all_short_for_a_recipe_that_drops_headers(content_type):
    note = short_note(NOWHERE, plan(Form(content_type, lines=True)), 1200)
    assert note == (
        "Note: newsgroups-naive-bayes drops the header of a post, its first 5 lines. Nothing is "
        "left of 1,200 of 1,200 records, so their answer is the model's prior."
    )


def test_nothing_is_noted_where_a_line_is_enough_or_what_is_sent_is_not_known():
    lines = plan(Form(CSV, lines=True))
    assert short_note(NOWHERE, replace(lines, recipe=RECIPES["spooky-ngrams"]), 3) == ""
    assert short_note(NOWHERE, plan(Form(CSV, lines=True), kept=Kept(input_filter="$[1]")), 3) == ""


def test_texts_of_json_lines_are_short_by_their_own_lines():
    six = rb'"a\nb\nc\nd\ne\nf"'
    assert count_short(io.BytesIO(six + b"\n" + b'"a\\nb"\n\n"a"'), 6) == 2


def test_object_that_was_uploaded_is_named_with_its_local_file():
    files = Files("b", "in/", ("in/a.csv",), Form(CSV, lines=True), {"in/a.csv": Path("x/a.csv")})
    assert files.place("in/a.csv") == "x/a.csv (s3://b/in/a.csv)"
    assert replace(files, local={}).place("in/a.csv") == "s3://b/in/a.csv"
