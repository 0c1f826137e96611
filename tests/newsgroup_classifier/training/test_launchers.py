"""A training program reads the same hyperparameters from every launcher of AWS.

The launchers' own code turns the strings of CreateTrainingJob into flags and SM_HPS.
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
    """Return the functions of SDK v3's drivers, which are part of sagemaker-core."""
    spec = find_spec("sagemaker.core")
    folder = Path(spec.submodule_search_locations[0])
    drivers = folder / "modules" / "train" / "container_drivers"
    return runpy.run_path(str(drivers / "common" / "utils.py"))


def toolkit(texts: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return the toolkit's flags and variables for hyperparameters."""
    values = {name: _drivers()["safe_deserialize"](text) for name, text in texts.items()}
    return mapping.to_cmd_args(values), mapping.to_env_vars({"hps": values})


def v3(texts: dict[str, str]) -> tuple[list[str], dict[str, str]]:
    """Return the flags and variables of SDK v3's drivers for hyperparameters."""
    values = {name: _drivers()["safe_deserialize"](text) for name, text in texts.items()}
    variables = {"SM_HPS": _drivers()["safe_serialize"](values)}
    flags = _drivers()["hyperparameters_to_cli_args"](json.loads(variables["SM_HPS"]))
    return flags, variables


def outcome(launched: tuple[list[str], dict[str, str]]) -> Any:
    """Return the hyperparameters that the program reads, or its error message."""
    try:
        return parse_args(*launched).hyperparameters
    except HyperparameterError as error:
        return str(error)


def test_launchers_write_different_flags_and_values():
    assert toolkit(TYPES)[0] == [
        *("-C", "0.5", "--depth", "3", "--off", "", "--on", "True", "--steps", "a=1"),
        *("--word", "w"),
    ]
    assert v3(TYPES)[0] == [
        *("--C", "0.5", "--depth", "3", "--on", "true", "--off", "null", "--steps", '{"a": 1}'),
        *("--word", "w"),
    ]


@pytest.mark.parametrize("launch", [toolkit, v3])
def test_launcher_hyperparameters_of_every_type_equal_the_request(launch):
    _, variables = launch(TYPES)
    assert launcher_hyperparameters(variables) == TYPES


@pytest.mark.parametrize("launch", [toolkit, v3])
@pytest.mark.parametrize("text", ["0.5", "5e-1", "1", "1e-7"])
def test_program_under_either_launcher_reads_a_number_of_the_request(launch, text):
    assert outcome(launch(RECIPE | {"alpha": text})) == DEFAULTS | {"alpha": float(text)}


@pytest.mark.parametrize("launch", [toolkit, v3])
@pytest.mark.parametrize("text", ["true", "null", '{"a": 1}', "a=1", "", "-1"])
def test_program_under_either_launcher_refuses_a_value_that_is_not_a_number(launch, text):
    assert outcome(launch(RECIPE | {"alpha": text})) == (
        f"hyperparameter alpha is {text!r}; expected a number above 0, such as 0.01"
    )


@pytest.mark.parametrize("launch", [toolkit, v3])
def test_program_without_sm_hps_reads_the_flags(launch):
    flags, _ = launch(RECIPE | {"alpha": "0.5"})
    assert outcome((flags, {})) == DEFAULTS | {"alpha": 0.5}


@given(JSON.map(json.dumps) | st.text())
@settings(max_examples=300)
def test_program_reads_or_refuses_any_value_in_the_same_way_under_both_launchers(text):
    texts = RECIPE | {"alpha": text}
    assert outcome(toolkit(texts)) == outcome(v3(texts))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"a"'])
def test_program_with_sm_hps_that_is_not_an_object_shows_it(text):
    with pytest.raises(HyperparameterError, match="expected a JSON object") as caught:
        parse_args(["--recipe", RECIPE["recipe"]], {"SM_HPS": text})
    assert repr(text) in str(caught.value)
