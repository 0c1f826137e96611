"""All commands share their tables, confirmations, errors, and the handling of Ctrl-C."""

import argparse
import io
import signal
import socket
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_aws.testing import ROOT
from newsgroup_classifier.errors import DeploymentError
from scripts.account.aws import Aws, Call, confirm, dry_run
from scripts.account.command import table
from scripts.account.parsing import flag_words
from scripts.jobs.training_flags import add_hyperparameter_arguments
from tests.scripts.processes import clean_environment


@pytest.fixture
def real_aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    """Return AWS without the local AWS; no call is made."""
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    aws = Aws("eu-west-3")
    aws._caller = {"Account": "210987654321", "Arn": "arn:aws:iam::210987654321:user/me"}
    return aws


def reply_with(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(line))


def test_table_has_columns_of_equal_width_and_no_trailing_space():
    rows = [("step", "what", "s"), ("train", "a", "1.25"), ("x", "", "")]
    assert table(rows) == "step   what  s\ntrain  a     1.25\nx"


@pytest.mark.parametrize("reply", ["y\n", "Y\n", " yes \n"])
def test_yes_continues(real_aws, monkeypatch, capsys, reply):
    reply_with(monkeypatch, reply)
    confirm(real_aws, False, "This deletes: 1 endpoint")
    captured = capsys.readouterr()
    assert captured.err == (
        "This deletes: 1 endpoint in account 210987654321, region eu-west-3. Continue? [y/N]\n"
    )
    assert captured.out == ""


@pytest.mark.parametrize("reply", ["\n", "n\n", "no\n", "yep\n", ""])
def test_any_other_answer_and_no_answer_do_nothing(real_aws, monkeypatch, reply):
    reply_with(monkeypatch, reply)
    with pytest.raises(DeploymentError, match="nothing was done"):
        confirm(real_aws, False, "This deletes: 1 endpoint")


def test_yes_flag_and_the_local_aws_skip_the_question(real_aws, monkeypatch, capsys):
    reply_with(monkeypatch, "")
    confirm(real_aws, True, "This deletes: 1 endpoint")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    confirm(Aws(), False, "This deletes: 1 endpoint")
    assert capsys.readouterr().err == ""


def test_empty_address_means_aws_itself(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    assert not Aws().is_local


@pytest.mark.parametrize("address", ["localhost:4566", "127.0.0.1:4566", "http://[", "ftp://a"])
def test_invalid_address_is_refused_and_shown(monkeypatch, address):
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    with pytest.raises(DeploymentError, match="AWS_ENDPOINT_URL") as raised:
        Aws()
    assert repr(address) in str(raised.value)
    assert "http://127.0.0.1:4566" in str(raised.value)


LOST_INTERRUPT = """
import sys, time
from scripts.account import command

class Late:
    def __del__(self):
        raise KeyboardInterrupt  # as if Ctrl-C was pressed during a finalizer

def run(arguments):
    Late()
    time.sleep(60)
    return {}

sys.exit(command.main("", lambda parser: None, run))
"""


def test_ctrl_c_during_a_finalizer_still_ends_the_command():
    ended = subprocess.run(
        [sys.executable, "-c", LOST_INTERRUPT], cwd=ROOT, capture_output=True, text=True, timeout=50
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "stopped\n")


def test_ctrl_c_during_imports_ends_the_command_without_a_traceback():
    with socket.socket() as silent:  # accepts connections and never answers, so the command waits
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


@pytest.mark.parametrize("milliseconds", [30, 60, 120, 240, 480])
def test_ctrl_c_at_any_moment_shows_no_traceback_of_a_command(milliseconds: int):
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts.recipes"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(milliseconds / 1000)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    # The interpreter's own start may show its frames, or lose the signal.
    assert str(ROOT / "scripts") not in errors


def test_dry_run_prints_the_calls_in_order():
    calls = [Call("s3", "put_object", {"Bucket": "b"}), Call("sagemaker", "delete_model", {})]
    assert dry_run(calls) == {
        "dry_run": True,
        "calls": [
            {"service": "s3", "operation": "put_object", "parameters": {"Bucket": "b"}},
            {"service": "sagemaker", "operation": "delete_model", "parameters": {}},
        ],
    }


# argparse of Python 3.11 drops a value that is "--".
values = st.text().filter(lambda text: text != "--")


@given(
    overrides=st.lists(values),
    preset=st.none() | values,
    folds=st.none() | st.integers(0, 10),
    left_out=st.sampled_from(["nothing", "report", "texts"]),
    approve=st.booleans(),
)
def test_flags_of_arguments_are_parsed_to_the_same_arguments(left_out, **values):
    values |= {"no_report": left_out == "report", "no_texts": left_out == "texts"}
    parser = argparse.ArgumentParser()
    add_hyperparameter_arguments(parser)
    parser.add_argument("--approve", action="store_true")
    words = flag_words(argparse.Namespace(**values), values)
    assert vars(parser.parse_args(words)) == values


def test_flags_with_default_values_are_left_out():
    arguments = argparse.Namespace(instance_count=1, stack="staging")
    words = flag_words(arguments, ("instance_count", "stack"), {"instance_count": 1})
    assert words == ["--stack", "staging"]
