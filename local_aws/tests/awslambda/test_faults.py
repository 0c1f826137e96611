"""Functions that time out, use too much memory, exit, or cannot be initialized."""

import pytest

from local_aws.tests.account import eventually
from local_aws.tests.awslambda.functions import report

BREAKING = """
import os, signal, subprocess, sys, time

def handler(event, context):
    match event:
        case ["sleep", seconds]:
            time.sleep(seconds)
        case ["hold", megabytes]:
            return len(b"x" * megabytes * 2**20) and time.sleep(0.2)
        case ["map", megabytes]:
            import mmap
            return len(mmap.mmap(-1, megabytes * 2**20))
        case ["child", megabytes]:
            program = f"x = b'x' * {megabytes} * 2**20; import time; time.sleep(60)"
            subprocess.run([sys.executable, "-c", program])
        case ["exit", code]:
            print("last words", flush=True)
            os._exit(code)
        case ["signal", number]:
            os.kill(os.getpid(), number)
            time.sleep(60)
        case ["leave", seconds]:
            subprocess.Popen(["sleep", str(seconds)], start_new_session=True)
            time.sleep(60)
    return os.getpid()
"""


@pytest.fixture(scope="module")
def breaking(lambdas):
    return lambdas.create(BREAKING, Timeout=1)


@pytest.fixture(scope="module")
def patient(lambdas):
    return lambdas.create(BREAKING, Timeout=60)


@pytest.mark.observes("lambda-timeout")
def test_function_that_times_out_is_killed_and_reports_it(lambdas, breaking):
    before = lambdas.invoke(breaking, [])
    response = lambdas.invoke(breaking, ["sleep", 60])
    assert response.error == "Unhandled"
    request = response.log.split()[2]
    message = response.payload["errorMessage"]
    assert message.endswith(f"Z {request} Task timed out after 1.00 seconds")
    assert message in response.log
    parts = report(response.log)
    assert (parts["Duration"], parts["Status"]) == ("1000.00 ms", "timeout")
    after = lambdas.invoke(breaking, [])
    assert after.error is None
    assert after.payload != before.payload
    assert [process.pid for process in lambdas.processes(breaking)] == [after.payload]


@pytest.mark.observes("lambda-memory")
def test_function_beyond_its_memory_is_killed(lambdas, patient):
    response = lambdas.invoke(patient, ["hold", 200])
    assert response.error == "Unhandled"
    assert response.payload["errorType"] == "Runtime.ExitError"
    assert response.payload["errorMessage"].endswith("Runtime exited with error: signal: killed")
    parts = report(response.log)
    assert parts["Max Memory Used"] == "128 MB"
    assert parts["Error Type"] == "Runtime.OutOfMemory"


def test_function_whose_child_is_beyond_its_memory_is_killed_with_it(lambdas, patient):
    response = lambdas.invoke(patient, ["child", 300])
    assert response.payload["errorMessage"].endswith("signal: killed")
    assert eventually(lambda: not lambdas.processes(patient))


def test_function_may_reserve_addresses_beyond_its_memory(lambdas, patient):
    response = lambdas.invoke(patient, ["map", 4000])
    assert (response.payload, response.error) == (4000 * 2**20, None)


@pytest.mark.observes("lambda-exit")
@pytest.mark.parametrize(
    ("event", "ending"),
    [
        (["exit", 0], "Runtime exited without providing a reason"),
        (["exit", 3], "Runtime exited with error: exit status 3"),
        (["signal", 11], "Runtime exited with error: signal: segmentation fault"),
        (["signal", 9], "Runtime exited with error: signal: killed"),
    ],
)
def test_function_that_exits_during_a_call_reports_how(lambdas, patient, event, ending):
    response = lambdas.invoke(patient, event)
    request = response.log.split()[2]
    assert response.error == "Unhandled"
    assert response.payload == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {request} Error: {ending}",
    }
    assert f"RequestId: {request} Error: {ending}\nRuntime.ExitError\nEND " in response.log
    assert ("last words" in response.log) == (event[0] == "exit")
    assert lambdas.invoke(patient, []).error is None


def test_processes_of_a_killed_function_end_with_it(lambdas, breaking):
    lambdas.invoke(breaking, ["leave", 612])
    assert eventually(lambda: ["sleep", "612"] not in lambdas.command_lines())


@pytest.mark.observes("lambda-init", "lambda-init-errors")
@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        (
            "import nothing_like_it",
            "Runtime.ImportModuleError",
            "No module named 'nothing_like_it'",
        ),
        ("import sklearn", "Runtime.ImportModuleError", "No module named 'sklearn'"),
        ("import local_aws", "Runtime.ImportModuleError", "No module named 'local_aws'"),
        ("def handler(:", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        ("def other(): ...", "Runtime.HandlerNotFound", "'handler' missing on module 'app'"),
        ("raise OSError('no disk')", "OSError", "no disk"),
    ],
)
def test_function_whose_init_fails_twice_returns_the_reason(lambdas, source, kind, words):
    name = lambdas.create(f"print('trying')\n{source}\n")
    response = lambdas.invoke(name)
    assert response.error == "Unhandled"
    assert response.payload["errorType"] == kind
    assert words in response.payload["errorMessage"]
    lines = eventually(
        lambda: (log := lambdas.log(f"/aws/lambda/{name}")) and "REPORT" in log[-1] and log
    )
    attempts = 2 if kind != "Runtime.UserCodeSyntaxError" else 0
    assert lines.count("trying") == attempts
    assert any(line.startswith("INIT_REPORT") and "Status: error" in line for line in lines)


@pytest.mark.parametrize("handler", ["app", "other.handler", "app.missing"])
def test_missing_handler_is_named(lambdas, handler):
    response = lambdas.invoke(lambdas.create(Handler=handler))
    assert response.error == "Unhandled"
    assert handler.split(".")[-1] in response.payload["errorMessage"] or "other" in str(
        response.payload
    )


def test_function_that_exits_in_its_init_reports_it(lambdas):
    name = lambdas.create("import os\nos._exit(5)\n")
    response = lambdas.invoke(name)
    assert response.payload["errorMessage"].endswith("Runtime exited with error: exit status 5")
