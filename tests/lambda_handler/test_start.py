"""A cold start imports little, loads the model, and does not fail without one."""

import json
import os
import subprocess
import sys

from local_aws.testing import ROOT
from tests.lambda_handler import s3_server
from tests.project.sources import SHARED

_PROGRAM = """
import json, sys
from types import SimpleNamespace
from lambda_handler.handler import handler
before = json.dumps(sorted(sys.modules))
context = SimpleNamespace(aws_request_id="r")
answers = [handler({"text": "the raven"}, context) for _ in range(2)]
print(json.dumps({"modules": json.loads(before), "answers": answers}))
"""
_NEEDED = ("PATH", "LD_LIBRARY_PATH")


def start(environ: dict[str, str]) -> tuple[list[dict], dict]:
    """Start a process with the handler; return its log lines and the program's output."""
    ended = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        cwd=ROOT,
        env={name: os.environ[name] for name in _NEEDED if name in os.environ} | environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stderr == ""
    *lines, last = [json.loads(line) for line in ended.stdout.splitlines()]
    return lines, last


def test_start_fetches_the_model_once_before_the_first_request(model_file):
    with s3_server.s3_server() as server:
        server.reply = s3_server.complete(model_file.content)
        (first, second), output = start(s3_server.environment(server, model_file))
        assert len(server.requests) == 1
    assert "predictions" in output["answers"][0]
    assert (first["cold_start"], second["cold_start"]) == (1, 0)
    assert first["model"] == "s3"
    assert first["model_ms"] > first["duration_ms"], "the first request does not include the load"


def test_start_without_a_model_succeeds_and_calls_return_503(model_file):
    with s3_server.s3_server() as server:
        (start_line, *calls), output = start(s3_server.environment(server, model_file))
    assert start_line["code"] == "ModelUnavailable"
    assert "is missing (404 NoSuchKey)" in start_line["reason"]
    assert [answer["error"]["code"] for answer in output["answers"]] == ["ModelUnavailable"] * 2
    assert [line["status"] for line in calls] == [503, 503]


def test_start_imports_only_the_handler_what_it_shares_and_numpy(model_file):
    environ = {"MODEL_URI": str(model_file.path), "MODEL_SHA256": model_file.sha256}
    _, output = start(environ)
    shared = tuple(f"{part}." for part in SHARED)
    others = {name for name in output["modules"] if not f"{name}.".startswith(shared)}
    library = {"newsgroup_classifier", "newsgroup_classifier.text"}
    packages = {name.split(".")[0] for name in others - library}
    packages -= {*sys.stdlib_module_names, "lambda_handler", "numpy", "__main__"}
    assert {name for name in packages if not name.startswith(("_", "sitecustom"))} == set()


def test_start_with_the_model_in_the_package_imports_no_network_modules(model_file):
    environ = {"MODEL_URI": str(model_file.path), "MODEL_SHA256": model_file.sha256}
    _, output = start(environ)
    assert not {"http.client", "ssl", "email", "zipfile", "tempfile"} & set(output["modules"])
