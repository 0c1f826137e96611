"""An update of an endpoint keeps what no flag names; a first release has the defaults."""

import argparse
from dataclasses import replace
from typing import Any

import pytest

from newsgroup_classifier.errors import DeploymentError
from scripts.account.naming import stack_tags
from scripts.endpoints.live import check_endpoint, instances_of, read_live
from scripts.endpoints.plans import model_call
from tests.scripts.endpoints.plans import release_plan
from tests.scripts.environments.small_account import Person, SmallAccount


def flags(**named: Any) -> argparse.Namespace:
    return argparse.Namespace(**({"instance_type": None, "instance_count": None} | named))


def deployed(*variants: dict[str, Any], desired: int | None = 2, **members: Any) -> Person:
    """Return the account of an endpoint whose config has variants and some other members."""
    person = Person(SmallAccount(), 0, "staging")
    default = {
        "VariantName": "v",
        "ModelName": "m",
        "InstanceType": "ml.c5.xlarge",
        "InitialInstanceCount": 1,
    }
    config = {"EndpointConfigName": "c", "ProductionVariants": [*variants] or [default]}
    person.client("sagemaker").create_endpoint_config(**config)
    current = {"VariantName": "v"} | ({} if desired is None else {"DesiredInstanceCount": desired})
    person.client("sagemaker").create_endpoint(
        EndpointName="e",
        EndpointConfigName="c",
        ProductionVariants=[current],
        Tags=stack_tags("staging"),
        **members,
    )
    return person


def plan(person: Person, arguments: argparse.Namespace) -> tuple[tuple[str, int], Any]:
    endpoint = person.client("sagemaker").describe_endpoint(EndpointName="e")
    live = read_live(person, endpoint, arguments)
    return instances_of(arguments, endpoint, live), live.options


@pytest.mark.parametrize("alarms", ["", "watch-of-e-5xx,watch-of-e-4xx"])
def test_endpoint_that_is_being_updated_names_the_alarm_that_returns_a_guarded_release(alarms):
    person = deployed()
    if alarms:
        outputs = [{"OutputKey": "AlarmNames", "OutputValue": alarms}]
        person.client("cloudformation").create_stack(StackName="watch-of-e", Outputs=outputs)
    endpoint = person.client("sagemaker").describe_endpoint(EndpointName="e")
    with pytest.raises(DeploymentError, match="endpoint e is Updating") as caught:
        check_endpoint(person, endpoint | {"EndpointStatus": "Updating"}, "staging")
    command = "set-alarm-state --region us-east-1 --alarm-name watch-of-e-5xx --state-value ALARM"
    assert (command in str(caught.value)) == bool(alarms)


def test_first_release_has_the_defaults():
    assert instances_of(flags(), None, None) == ("ml.m5.large", 1)
    assert instances_of(flags(instance_count=3), None, None) == ("ml.m5.large", 3)


def test_update_keeps_the_type_and_the_count_that_scaling_chose():
    instances, retains = plan(deployed(), flags())
    assert instances == ("ml.c5.xlarge", 2)
    assert retains == {"RetainAllVariantProperties": True}


def test_update_with_a_count_changes_only_the_count():
    instances, retains = plan(deployed(), flags(instance_count=1))
    assert instances == ("ml.c5.xlarge", 1)
    assert retains == {}


def test_update_with_a_type_keeps_the_count():
    instances, retains = plan(deployed(), flags(instance_type="ml.m5.large"))
    assert instances == ("ml.m5.large", 2)
    assert retains == {"RetainAllVariantProperties": True}


@pytest.mark.parametrize("desired", [0, None])
def test_update_of_an_endpoint_scaled_to_zero_has_a_valid_count(desired):
    assert plan(deployed(desired=desired), flags())[0] == ("ml.c5.xlarge", 1)


def test_update_after_a_guarded_one_is_not_guarded():
    _, retains = plan(deployed(LastDeploymentConfig={}), flags(instance_count=1))
    assert retains == {}


def test_update_keeps_the_network_of_the_model():
    person, network = deployed(), {"VpcConfig": {"Subnets": ["s"], "SecurityGroupIds": ["g"]}}
    person.client("sagemaker").create_model(ModelName="m", EnableNetworkIsolation=True, **network)
    endpoint = person.client("sagemaker").describe_endpoint(EndpointName="e")
    live = read_live(person, endpoint, flags())
    assert live.network == {"EnableNetworkIsolation": True, **network}
    parameters = model_call(replace(release_plan(), live=live)).parameters
    assert parameters["EnableNetworkIsolation"]
    assert parameters["VpcConfig"] == network["VpcConfig"]


def test_serverless_endpoint_is_refused():
    serverless = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": {}}
    with pytest.raises(DeploymentError, match="endpoint e has a serverless variant, which a"):
        plan(deployed(serverless, desired=None), flags())


def test_endpoint_of_several_variants_is_refused():
    with pytest.raises(DeploymentError, match=r"endpoint e has 2 variants \(a, b\).*expected one"):
        plan(deployed({"VariantName": "a"}, {"VariantName": "b"}), flags())


def test_endpoint_whose_config_was_deleted_is_refused():
    person = deployed()
    person.client("sagemaker").delete_endpoint_config(EndpointConfigName="c")
    with pytest.raises(DeploymentError, match="expected its endpoint config c, which was deleted"):
        plan(person, flags())


def test_endpoint_of_another_stack_is_refused_before_an_update():
    person = deployed()
    endpoint = person.client("sagemaker").describe_endpoint(EndpointName="e")
    check_endpoint(person, endpoint, "staging")
    with pytest.raises(DeploymentError) as caught:
        check_endpoint(person, endpoint, "newsgroup-classifier")
    assert str(caught.value) == (
        "endpoint e belongs to someone else, so it is not changed: expected the tags "
        "stack=newsgroup-classifier, found stack=staging. Pass the --stack that it belongs to, or "
        "choose another --endpoint-name."
    )


def test_endpoint_that_failed_is_refused_with_the_command_that_deletes_it():
    person = deployed()
    person.account.failing.add(0)
    endpoint = person.client("sagemaker").describe_endpoint(EndpointName="e")
    with pytest.raises(DeploymentError) as caught:
        check_endpoint(person, endpoint, "staging")
    assert str(caught.value) == (
        "endpoint e is Failed. Delete it with: "
        "python -m scripts.delete --recipe NAME --region us-east-1 --stack staging"
    )


def test_endpoint_in_transition_is_refused_without_a_command_that_deletes_it():
    person = deployed()
    endpoint = person.account.find("endpoint", "e").members
    with pytest.raises(DeploymentError) as caught:
        check_endpoint(person, endpoint, "staging")
    assert str(caught.value) == "endpoint e is Creating. Wait until it is in service"
