"""What every script shares: tables, settings, questions, and where the local AWS is."""

import io
import signal
import socket
import subprocess
import sys

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from local_aws.testing import ROOT
from newsgroup_classifier.errors import DeploymentError, HyperparameterError
from scripts.account.aws import Aws, Call, confirm, dry_run
from scripts.account.command import _plain, table
from scripts.train import parse_settings
from tests.scripts.processes import clean_environment


@pytest.fixture
def real_aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """Return AWS itself, as far as the question goes: no call is made."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    aws = Aws("eu-west-3")
    aws.account_id = "210987654321"
    return aws


def answer(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(line))


def test_a_table_has_columns_of_equal_width_and_no_space_at_the_end():
    rows = [("step", "what", "s"), ("train", "a", "1.25"), ("x", "", "")]
    assert table(rows) == "step   what  s\ntrain  a     1.25\nx"


def test_settings_are_split_at_the_first_equals_sign():
    assert parse_settings(["alpha=0.5", "note=a=b", "empty="]) == {
        "alpha": "0.5",
        "note": "a=b",
        "empty": "",
    }


@pytest.mark.parametrize("setting", ["alpha", "=1", "", "alpha 1"])
def test_a_setting_of_another_form_is_refused_and_shown(setting):
    with pytest.raises(HyperparameterError, match="is not of the form NAME=VALUE") as raised:
        parse_settings([setting])
    assert repr(setting) in str(raised.value)


def test_a_hyperparameter_set_twice_is_refused():
    with pytest.raises(HyperparameterError, match="alpha is set twice"):
        parse_settings(["alpha=1", "alpha=2"])


@pytest.mark.parametrize("reply", ["y\n", "Y\n", " yes \n"])
def test_a_yes_goes_on(real_aws, monkeypatch, capsys, reply):
    answer(monkeypatch, reply)
    confirm(real_aws, False, "This deletes: 1 endpoint")
    captured = capsys.readouterr()
    assert captured.err == (
        "This deletes: 1 endpoint in account 210987654321, region eu-west-3. Go on? [y/N]\n"
    )
    assert captured.out == ""


@pytest.mark.parametrize("reply", ["\n", "n\n", "no\n", "yep\n", ""])
def test_anything_else_and_no_answer_at_all_do_nothing(real_aws, monkeypatch, reply):
    answer(monkeypatch, reply)
    with pytest.raises(DeploymentError, match="nothing was done"):
        confirm(real_aws, False, "This deletes: 1 endpoint")


def test_yes_is_not_asked_again(real_aws, monkeypatch, capsys):
    answer(monkeypatch, "")
    confirm(real_aws, True, "This deletes: 1 endpoint")
    assert capsys.readouterr().err == ""


def test_the_local_aws_is_never_asked_about(monkeypatch, capsys):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    answer(monkeypatch, "")
    confirm(Aws(), False, "This deletes: 1 endpoint")
    assert capsys.readouterr().err == ""


def test_an_empty_address_means_aws_itself(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    assert not Aws().is_local


@pytest.mark.parametrize("address", ["localhost:4566", "127.0.0.1:4566", "http://[", "ftp://a"])
def test_an_address_that_is_none_is_refused_and_shown(monkeypatch, address):
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    with pytest.raises(DeploymentError, match="AWS_ENDPOINT_URL") as raised:
        Aws()
    assert repr(address) in str(raised.value)
    assert "http://127.0.0.1:4566" in str(raised.value)


def test_a_local_aws_of_the_usual_port_is_started_without_naming_it(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
    line = _plain(EndpointConnectionError(endpoint_url="http://127.0.0.1:4566/"))
    assert line.endswith("Start it with: make local-aws")


@pytest.mark.parametrize("length", [10, 5_000])
def test_an_error_of_aws_is_cut_to_a_readable_length_and_one_of_ours_is_not(length):
    words = "value " * length
    aws = ClientError({"Error": {"Code": "Validation", "Message": words}}, "CreateTrainingJob")
    whole = " ".join(str(aws).split())
    cut = f"{whole[:400]} ... ({len(whole):,} characters)"
    assert _plain(aws) == (whole if length == 10 else cut)
    assert _plain(DeploymentError(words)) == words.strip()


LOST_INTERRUPT = """
import sys, time
from scripts import command

class Late:
    def __del__(self):
        raise KeyboardInterrupt  # as Ctrl-C does that falls into a finalizer

def run(arguments):
    Late()
    time.sleep(60)
    return {}

sys.exit(command.main("", lambda parser: None, run))
"""


def test_ctrl_c_that_falls_into_a_finalizer_ends_the_script_all_the_same():
    ended = subprocess.run(
        [sys.executable, "-c", LOST_INTERRUPT], cwd=ROOT, capture_output=True, text=True, timeout=50
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "stopped\n")


def test_ctrl_c_while_a_script_still_imports_ends_it_without_a_trace():
    with socket.socket() as silent:  # takes connections and answers none: the script waits
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        here = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{silent.getsockname()[1]}"}
        process = subprocess.Popen(
            [sys.executable, "-X", "importtime", "-m", "scripts.setup"],
            cwd=ROOT,
            env=clean_environment() | here,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            for line in process.stderr:
                if line.rstrip().endswith("| scripts"):
                    break
            process.send_signal(signal.SIGINT)
            rest = process.stderr.read()
    assert process.returncode == 130
    assert [line for line in rest.splitlines() if not line.startswith("import time:")] == [
        "stopped"
    ]


def test_a_dry_run_prints_the_calls_in_order():
    calls = [Call("s3", "put_object", {"Bucket": "b"}), Call("sagemaker", "delete_model", {})]
    assert dry_run(calls) == {
        "dry_run": True,
        "calls": [
            {"service": "s3", "operation": "put_object", "parameters": {"Bucket": "b"}},
            {"service": "sagemaker", "operation": "delete_model", "parameters": {}},
        ],
    }
