"""A training program reads the same hyperparameters whichever of AWS's launchers starts it.

The values go through the launchers' own code, from the text of CreateTrainingJob to flags and
SM_HPS.
"""

import json
import runpy
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sagemaker_training import mapping

from newsgroup_classifier.errors import HyperparameterError
from newsgroup_classifier.training.arguments import parse_args
from newsgroup_classifier.training.environment import launcher_hyperparameters
from tests.newsgroup_classifier.conftest import DEFAULTS

RECIPE = {"recipe": "newsgroups-naive-bayes"}
TYPES = {"C": "0.5", "depth": "3", "on": "true", "off": "null", "steps": '{"a": 1}', "word": "w"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@cache
def _drivers() -> dict[str, Any]:
    """Return the functions of SDK v3's drivers, as sagemaker-core ships them."""
    spec = find_spec("sagemaker.core")
    folder = Path(spec.submodule_search_locations[0])
    drivers = folder / "modules" / "train" / "container_drivers"
    return runpy.run_path(str(drivers / "common" / "utils.py"))


def toolkit(texts: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return the flags and variables that the toolkit makes of hyperparameters."""
    values = {name: _drivers()["safe_deserialize"](text) for name, text in texts.items()}
    return mapping.to_cmd_args(values), mapping.to_env_vars({"hps": values})


def v3(texts: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return the flags and variables that SDK v3's drivers make of hyperparameters."""
    values = {name: _drivers()["safe_deserialize"](text) for name, text in texts.items()}
    variables = {"SM_HPS": _drivers()["safe_serialize"](values)}
    flags = _drivers()["hyperparameters_to_cli_args"](json.loads(variables["SM_HPS"]))
    return flags, variables


def outcome(launched: tuple[list[str], dict[str, str]]) -> Any:
    """Return what the program reads, or what it refuses with; a nan would equal nothing."""
    try:
        return parse_args(*launched).hyperparameters
    except HyperparameterError as error:
        return str(error)


def test_the_launchers_spell_flags_and_values_in_two_ways():
    assert toolkit(TYPES)[0] == [
        *("-C", "0.5", "--depth", "3", "--off", "", "--on", "True", "--steps", "a=1"),
        *("--word", "w"),
    ]
    assert v3(TYPES)[0] == [
        *("--C", "0.5", "--depth", "3", "--on", "true", "--off", "null", "--steps", '{"a": 1}'),
        *("--word", "w"),
    ]


@pytest.mark.parametrize("launch", [toolkit, v3])
def test_hyperparameters_of_every_type_arrive_as_they_were_sent(launch):
    _, variables = launch(TYPES)
    assert launcher_hyperparameters(variables) == TYPES


@pytest.mark.parametrize("launch", [toolkit, v3])
@pytest.mark.parametrize("text", ["0.5", "5e-1", "1", "1e-7"])
def test_program_under_either_launcher_reads_the_number_that_was_sent(launch, text):
    assert outcome(launch(RECIPE | {"alpha": text})) == DEFAULTS | {"alpha": float(text)}


@pytest.mark.parametrize("launch", [toolkit, v3])
@pytest.mark.parametrize("text", ["true", "null", '{"a": 1}', "a=1", "", "-1"])
def test_program_under_either_launcher_refuses_what_is_no_number_as_it_was_sent(launch, text):
    assert outcome(launch(RECIPE | {"alpha": text})) == (
        f"hyperparameter alpha is {text!r}; expected a number above 0, such as 0.01"
    )


@pytest.mark.parametrize("launch", [toolkit, v3])
def test_program_whose_launcher_sets_no_sm_hps_reads_the_flags(launch):
    flags, _ = launch(RECIPE | {"alpha": "0.5"})
    assert outcome((flags, {})) == DEFAULTS | {"alpha": 0.5}


@given(JSON.map(json.dumps) | st.text())
@settings(max_examples=300)
def test_program_reads_or_refuses_any_value_alike_under_both_launchers(text):
    texts = RECIPE | {"alpha": text}
    assert outcome(toolkit(texts)) == outcome(v3(texts))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"a"'])
def test_program_of_an_sm_hps_that_is_no_object_says_what_it_is(text):
    with pytest.raises(HyperparameterError, match="expected a JSON object") as caught:
        parse_args(["--recipe", RECIPE["recipe"]], {"SM_HPS": text})
    assert repr(text) in str(caught.value)
