"""Versions and aliases of functions."""

import pytest

from local_aws.tests.account import refusal
from local_aws.tests.awslambda.functions import VERSION, zipped_version


@pytest.mark.observes("lambda-versions")
def test_published_version_keeps_its_code_and_an_unchanged_one_is_not_published_again(lambdas):
    name = lambdas.create(VERSION.format("one"))
    first = lambdas.client.publish_version(FunctionName=name, Description="the first")
    assert lambdas.client.publish_version(FunctionName=name)["Version"] == "1"
    lambdas.client.update_function_code(FunctionName=name, ZipFile=zipped_version("two"))
    lambdas.wait_until_updated(name)
    second = lambdas.client.publish_version(FunctionName=name)
    assert (first["Version"], second["Version"]) == ("1", "2")
    assert first["FunctionArn"].endswith(f":{name}:1")
    assert first["Description"] == "the first"
    listed = lambdas.client.list_versions_by_function(FunctionName=name)["Versions"]
    assert [version["Version"] for version in listed] == ["$LATEST", "1", "2"]
    one = lambdas.invoke(name, Qualifier="1")
    assert (one.payload, one.version) == ("one", "1")
    assert lambdas.invoke(f"{name}:2").payload == "two"
    code, _ = refusal(lambdas.client.publish_version, FunctionName=name, CodeSha256="other")
    assert code == "InvalidParameterValueException"


@pytest.mark.observes("lambda-versions")
def test_changed_description_of_the_function_makes_a_new_version(lambdas):
    name = lambdas.create(Description="first")
    own = lambdas.client.publish_version(FunctionName=name, Description="the version's own")
    again = lambdas.client.publish_version(FunctionName=name)
    lambdas.client.update_function_configuration(FunctionName=name, Description="second")
    lambdas.wait_until_updated(name)
    second = lambdas.client.publish_version(FunctionName=name)
    versions = [(item["Version"], item["Description"]) for item in (own, again, second)]
    assert versions == [("1", "the version's own"), ("1", "the version's own"), ("2", "second")]


def test_function_published_at_creation_has_version_1(lambdas):
    name = lambdas.create(Publish=True)
    assert lambdas.invoke(name, 1, Qualifier="1").payload == 1


@pytest.mark.observes("lambda-aliases")
def test_alias_can_move_to_another_version(lambdas):
    name = lambdas.create(VERSION.format("one"))
    client = lambdas.client
    client.publish_version(FunctionName=name)
    alias = client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert alias["AliasArn"].endswith(f":{name}:live")
    client.update_function_code(FunctionName=name, ZipFile=zipped_version("two"))
    lambdas.wait_until_updated(name)
    client.publish_version(FunctionName=name)
    assert lambdas.invoke(name, Qualifier="live").payload == "one"
    client.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    response = lambdas.invoke(name, Qualifier="live")
    assert (response.payload, response.version) == ("two", "2")
    assert client.get_alias(FunctionName=name, Name="live")["FunctionVersion"] == "2"
    assert [alias["Name"] for alias in client.list_aliases(FunctionName=name)["Aliases"]] == [
        "live"
    ]
    code, _ = refusal(client.delete_function, FunctionName=name, Qualifier="2")
    assert code == "ResourceConflictException"
    client.delete_alias(FunctionName=name, Name="live")
    client.delete_function(FunctionName=name, Qualifier="2")
    for qualifier in ("live", "2"):
        code, _ = refusal(client.invoke, FunctionName=name, Qualifier=qualifier)
        assert code == "ResourceNotFoundException"


def test_alias_with_a_used_name_a_missing_version_or_a_number_is_refused(lambdas):
    name = lambdas.create(Publish=True)
    create = lambdas.client.create_alias
    create(FunctionName=name, Name="live", FunctionVersion="1")
    again = {"FunctionName": name, "Name": "live", "FunctionVersion": "1"}
    assert refusal(create, **again)[0] == "ResourceConflictException"
    missing = again | {"Name": "next", "FunctionVersion": "7"}
    assert refusal(create, **missing)[0] == "ResourceNotFoundException"
    number = again | {"Name": "7"}
    assert refusal(create, **number)[0] in ("ValidationException", "InvalidParameterValueException")
