"""The tree of errors is the one drawn at the top of their module."""

import inspect
import re
import socket
from urllib.error import URLError

import pytest

from newsgroup_classifier import errors


def error_classes():
    return [
        (name, cls)
        for name, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, Exception)
    ]


def drawn_parents():
    """Return the parent of each class by name, as the drawing indents them."""
    parents, above = {}, []
    for line in (errors.__doc__ or "").splitlines():
        drawn = re.match(r"([│├└─\s]*)([A-Z]\w+)(\s|$)", line)
        if drawn and issubclass(getattr(errors, drawn[2], int), Exception):
            depth = len(drawn[1]) // 4
            above[depth:] = [drawn[2]]
            parents[drawn[2]] = above[depth - 1] if depth else "Exception"
    return parents


def test_errors_form_the_tree_in_the_docstring():
    assert drawn_parents() == {name: cls.__base__.__name__ for name, cls in error_classes()}


@pytest.mark.parametrize(
    ("number", "nouns", "words"),
    [
        (1, ("file",), "1 file"),
        (0, ("file",), "0 files"),
        (1200, ("class", "classes"), "1,200 classes"),
        (1, ("class", "classes"), "1 class"),
    ],
)
def test_counted_agrees_with_its_number(number, nouns, words):
    assert errors.counted(number, *nouns) == words


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (URLError(socket.gaierror(-2, "Name or service not known")), "Name or service not known"),
        (ConnectionRefusedError(111, "Connection refused"), "Connection refused"),
        (TimeoutError("timed out"), "timed out"),
    ],
)
def test_reason_of_a_failed_call_has_no_number(error, reason):
    assert errors.reason_of(error) == reason


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        ("trees", ["features", "alpha"], ""),
        ("alhpa", ["alpha", "C"], "alpha"),
        ("foo", ["folds"], ""),
        ("deplooy", ["deploy", "delete"], "deploy"),
    ],
)
def test_nearest_name_differs_by_a_typo_or_two(name, known, near):
    assert errors.nearest(name, known) == near


def test_request_errors_have_the_status_and_code_of_the_docstring():
    drawn = dict(re.findall(r"(\w+) +[a-z][^\n]*  (\d{3})", errors.__doc__ or ""))
    assert drawn == {
        name: str(cls.status)
        for name, cls in error_classes()
        if issubclass(cls, errors.ServingError)
    }


def test_every_error_has_a_docstring():
    for name, cls in error_classes():
        assert cls.__doc__, name
