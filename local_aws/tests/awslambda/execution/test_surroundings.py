"""The variables, folders, and packages of a function, without those of the machine."""

import json
import os
from pathlib import Path

import pytest

from local_aws.processes import namespaces_are_used
from local_aws.settings import Settings
from local_aws.tests.account import eventually, unique
from local_aws.tests.awslambda.functions import RUNTIME, zipped

DESCRIBING = """
import os, sys, json, tempfile

def handler(event, context):
    folders = {"folder": os.getcwd(), "tmp": tempfile.gettempdir()}
    return {"variables": dict(os.environ), "path": sys.path, **folders}
"""
IMPORTING = """
import importlib

def handler(event, context):
    return getattr(importlib.import_module(event), "__file__", None)
"""


@pytest.fixture(scope="module")
def surroundings(lambdas):
    name = lambdas.create(DESCRIBING, MemorySize=256, Environment={"Variables": {"OWN": "mine"}})
    return lambdas.invoke(name).payload | {"name": name}


@pytest.mark.observes("lambda-variables")
def test_function_has_the_variables_of_aws_and_of_its_configuration(surroundings):
    variables = surroundings["variables"]
    expected = {
        "AWS_LAMBDA_FUNCTION_NAME": surroundings["name"],
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{surroundings['name']}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{RUNTIME}",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "LAMBDA_TASK_ROOT": surroundings["folder"],
        "_HANDLER": "app.handler",
        "TZ": ":UTC",
        "OWN": "mine",
    }
    assert {name: variables.get(name) for name in expected} == expected
    assert variables["_X_AMZN_TRACE_ID"].startswith("Root=1-")
    assert variables["AWS_ACCESS_KEY_ID"].startswith("ASIA")
    assert variables["AWS_SESSION_TOKEN"]


def test_function_has_no_variables_of_the_machine(surroundings, local_aws):
    ours = {"LOCAL_AWS_BASE_DIR", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_RUNTIME_DIR"}
    shared = surroundings["variables"].items() & os.environ.items()
    assert {name for name, _ in shared} <= {"LANG", "LC_CTYPE", "TZ"} | ours
    assert surroundings["variables"]["HOME"] == surroundings["tmp"]


def test_path_begins_with_the_code_and_has_no_packages_of_the_machine(surroundings):
    assert surroundings["path"][0] == surroundings["folder"]
    assert not [path for path in surroundings["path"] if "site-packages" in path]


@pytest.mark.parametrize("module", ["boto3", "botocore", "urllib3", "json", "awslambdaric"])
def test_function_finds_the_packages_of_the_real_runtime(lambdas, importing, module):
    assert lambdas.invoke(importing, module).error is None


@pytest.mark.observes("lambda-packages")
@pytest.mark.parametrize(
    "module",
    ["numpy", "sklearn", "moto", "psutil", "lifeline", "sitecustomize", "local_aws", "pip"],
)
def test_function_finds_no_other_package(lambdas, importing, module):
    response = lambdas.invoke(importing, module)
    assert response.payload["errorType"] == "ModuleNotFoundError"


@pytest.fixture(scope="module")
def importing(lambdas):
    return lambdas.create(IMPORTING, MemorySize=512)


def test_packages_of_the_zip_come_before_those_of_the_runtime(lambdas):
    files = {
        "app.py": IMPORTING,
        "urllib3/__init__.py": "",
        "own/package.py": "",
        "lifeline.py": "",
    }
    name = lambdas.create(Code={"ZipFile": zipped(files)})
    for module in ("urllib3", "own.package", "lifeline"):
        assert "/task/" in lambdas.invoke(name, module).payload


@pytest.mark.observes("lambda-folders")
def test_code_is_read_only_and_gets_no_compiled_files(lambdas):
    source = (
        "import os, stat, own\n"
        "def handler(event, context):\n"
        "    root = os.environ['LAMBDA_TASK_ROOT']\n"
        "    return [sorted(os.listdir(root)), stat.S_IMODE(os.stat(own.__file__).st_mode)]\n"
    )
    name = lambdas.create(Code={"ZipFile": zipped({"app.py": source, "own.py": ""})})
    assert lambdas.invoke(name).payload == [["app.py", "own.py"], 0o444]


@pytest.mark.observes("lambda-folders")
def test_temporary_folder_stays_between_calls_and_ends_with_the_process(lambdas):
    source = (
        "import os, tempfile\n"
        "def handler(event, context):\n"
        "    path = os.path.join(tempfile.gettempdir(), 'file')\n"
        "    before = os.path.exists(path)\n"
        "    open(path, 'w').close()\n"
        "    return [before, path]\n"
    )
    name = lambdas.create(source)
    before, path = lambdas.invoke(name).payload
    assert not before
    assert lambdas.invoke(name).payload == [True, path]
    lambdas.client.update_function_configuration(FunctionName=name, Timeout=4)
    lambdas.wait_until_updated(name)
    assert eventually(lambda: not os.path.exists(path))  # noqa: PTH110
    again, _ = lambdas.invoke(name).payload
    assert not again


needs_namespaces = pytest.mark.skipif(
    not namespaces_are_used(Settings(Path("/nowhere"))), reason="needs mount namespaces"
)
WRITING = """
import os

def handler(event, context):
    path = f"/tmp/{event}"
    before = os.path.exists(path)
    open(path, "w").close()
    own = [name for name in os.listdir("/tmp") if not os.path.isdir(f"/tmp/{name}")]
    return [before, own, os.access(__file__, os.R_OK)]
"""


@needs_namespaces
@pytest.mark.observes("lambda-tmp")
def test_literal_tmp_belongs_to_one_execution_environment(lambdas):
    file = unique("file")
    first, second = lambdas.create(WRITING), lambdas.create(WRITING)
    assert lambdas.invoke(first, file).payload == [False, [file], True]
    assert lambdas.invoke(first, file).payload == [True, [file], True]
    assert lambdas.invoke(second, file).payload == [False, [file], True]
    assert not Path("/tmp", file).exists()  # noqa: S108


@needs_namespaces
def test_function_that_empties_tmp_keeps_its_code(lambdas):
    source = """
import os, shutil

def handler(event, context):
    for name in os.listdir("/tmp"):
        shutil.rmtree(f"/tmp/{name}", ignore_errors=True)
    return os.path.exists(__file__)
"""
    name = lambdas.create(source)
    assert [lambdas.invoke(name).payload for _ in range(2)] == [True, True]


def test_boto3_in_a_function_reaches_the_local_aws_without_an_endpoint(lambdas, account):
    source = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    return boto3.client('sts').get_caller_identity()['Arn']\n"
    )
    name = lambdas.create(source, MemorySize=512, Timeout=30)
    role = lambdas.role.rpartition("/")[2]
    expected = f"arn:aws:sts::123456789012:assumed-role/{role}/{name}"
    assert json.dumps(lambdas.invoke(name).payload) == json.dumps(expected)
