"""Every answer of a function comes from a release that could be live, no matter who deploys.

Half of the updates move their calls in two shares. The processes of functions are stand-ins that
answer with their release. HISTORY_SEEDS is five times the number of histories, 20 by default.
"""

import io
import json
import zipfile

import pytest

from local_aws.awslambda.execution import workers
from local_aws.awslambda.execution.environment import Result
from local_aws.settings import Settings
from local_aws.testing import LocalAws, environment_of
from local_aws.tests.account import Account
from local_aws.tests.process.in_process import serving
from newsgroup_classifier.errors import DeploymentError
from newsgroup_classifier.recipes.catalogue import RECIPES
from scripts.account.aws import Aws
from scripts.account.naming import lambda_stack_name, new_stamp
from scripts.account.stacks import find_stack, outputs_of, parameters_of, remove_stack
from scripts.functions.deployment import publish
from scripts.functions.package import this_machine
from scripts.functions.plans import FunctionPlan
from scripts.functions.release import StackRelease, function_outputs, is_updatable
from scripts.functions.versions import (
    check_not_rolled_back,
    history_call,
    live_alias,
    move,
    package_at,
    previous_version,
)
from scripts.releases.smoke import Smoke
from tests.end_to_end.operations.histories import GONE, SEEDS, History, check_histories

pytestmark = pytest.mark.slow
RECIPE = RECIPES["spooky-ngrams"]
SHIFT = {
    "Guarded": "true",
    "ShiftType": "TimeBasedCanary",
    "ShiftPercent": "50",
    "ShiftMinutes": "1",
    "ShiftAlarm": "",
}


class StandIn:
    """An execution environment that answers with its release."""

    pid, is_usable = None, True

    def __init__(self, program, folder, on_line, on_failed_init):
        self._release = json.dumps(program.variables["MODEL_PACKAGE"]).encode()

    def init(self):
        """Need no process."""

    close = init

    def invoke(self, payload, request_id, arn):
        return Result(self._release, False, 0.0, 0.0, 0)


class Functions(History):
    """The functions of two environments in an account, and what happens to them."""

    def __init__(self, account, clients):
        super().__init__(clients)
        self.bucket, code = account.bucket, io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("lambda_handler/handler.py", "")
        self.code, self.shared = code.getvalue(), 0

    def deploy(self, aws, environment, shift=()):
        stack = lambda_stack_name(environment, RECIPE.scope)
        found, package = find_stack(aws, stack), f"release-{new_stamp()}"
        previous = found if found and is_updatable(aws, found, RECIPE, environment) else None
        plan = FunctionPlan(
            recipe=RECIPE,
            stack=stack,
            bucket=self.bucket,
            code=self.code,
            target=this_machine(),
            model=package.encode(),
            package=package,
            foundation=environment,
            previous=parameters_of(previous),
            shift=dict(shift) if previous else {},
        )
        if plan.shift:
            check_not_rolled_back(aws, stack, outputs_of(previous))
        publish(aws, StackRelease(plan, found, previous), Smoke(None))

    def deploy_in_shares(self, aws, environment):
        self.deploy(aws, environment, SHIFT)
        self.shared += 1

    def actions(self):
        return [*super().actions(), self.deploy_in_shares, self.deploy_in_shares]

    def rollback(self, aws, environment):
        alias = live_alias(aws, function_outputs(aws, environment, RECIPE))
        if alias.incoming:
            raise DeploymentError("a release is moving the calls")
        version = previous_version(aws, alias, "")
        aws.make(history_call(aws, alias))
        move(aws, alias, version)

    def delete(self, aws, environment):
        remove_stack(aws, lambda_stack_name(environment, RECIPE.scope))

    @staticmethod
    def value_of(aws, call):
        """Return the release to which a call changes a function."""
        if call.operation == "update_alias":
            function, version = call.parameters["FunctionName"], call.parameters["FunctionVersion"]
            return package_at(aws, function, version)
        if call.operation not in ("create_stack", "update_stack"):
            return GONE if call.operation == "delete_stack" else None
        named = {each["ParameterKey"]: each for each in call.parameters["Parameters"]}
        return named["Package"]["ParameterValue"]

    def answer(self, aws, environment):
        outputs = outputs_of(find_stack(aws, lambda_stack_name(environment, RECIPE.scope)))
        if not outputs:
            return GONE
        client = aws.client("lambda")
        try:
            response = client.invoke(FunctionName=outputs["FunctionName"], Qualifier="live")
        except client.exceptions.ResourceNotFoundException:
            return GONE
        assert "FunctionError" not in response
        return json.load(response["Payload"])


@pytest.fixture
def functions(tmp_path, monkeypatch):
    """Serve a local AWS with stand-ins of processes from this process."""
    monkeypatch.setattr(workers, "ExecutionEnvironment", StandIn)
    with serving(Settings(tmp_path, port=0, minute_seconds=0.2)) as port:
        local = LocalAws(f"http://127.0.0.1:{port}", 0)
        with environment_of(local):
            aws, names = Aws("us-east-1"), ("cloudformation", "lambda", "s3", "cloudwatch")
            yield Functions(Account(local), {name: aws.client(name) for name in names})


def test_answers_of_random_histories_are_of_live_releases(functions):
    check_histories(functions, SEEDS // 5)
    assert functions.shared > 0
