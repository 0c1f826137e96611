"""Versions and aliases of functions."""

from local_aws.tests.awslambda.functions import VERSION, refusal, zipped_version


def test_versions_published_keep_their_code_and_equal_ones_are_one(lambdas):
    name = lambdas.create(VERSION.format("one"))
    first = lambdas.client.publish_version(FunctionName=name, Description="the first")
    assert lambdas.client.publish_version(FunctionName=name)["Version"] == "1"
    lambdas.client.update_function_code(FunctionName=name, ZipFile=zipped_version("two"))
    lambdas.updated(name)
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


def test_description_alone_makes_a_version_when_it_changes_on_the_function(lambdas):
    name = lambdas.create(Description="first")
    own = lambdas.client.publish_version(FunctionName=name, Description="the version's own")
    again = lambdas.client.publish_version(FunctionName=name)
    lambdas.client.update_function_configuration(FunctionName=name, Description="second")
    lambdas.updated(name)
    second = lambdas.client.publish_version(FunctionName=name)
    found = [(made["Version"], made["Description"]) for made in (own, again, second)]
    assert found == [("1", "the version's own"), ("1", "the version's own"), ("2", "second")]


def test_function_published_when_created_has_version_1(lambdas):
    name = lambdas.create(Publish=True)
    assert lambdas.invoke(name, 1, Qualifier="1").payload == 1


def test_alias_moves_from_version_to_version(lambdas):
    name = lambdas.create(VERSION.format("one"))
    client = lambdas.client
    client.publish_version(FunctionName=name)
    made = client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    assert made["AliasArn"].endswith(f":{name}:live")
    client.update_function_code(FunctionName=name, ZipFile=zipped_version("two"))
    lambdas.updated(name)
    client.publish_version(FunctionName=name)
    assert lambdas.invoke(name, Qualifier="live").payload == "one"
    client.update_alias(FunctionName=name, Name="live", FunctionVersion="2")
    answer = lambdas.invoke(name, Qualifier="live")
    assert (answer.payload, answer.version) == ("two", "2")
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


def test_alias_of_no_version_of_a_number_or_of_a_taken_name_is_refused(lambdas):
    name = lambdas.create(Publish=True)
    create = lambdas.client.create_alias
    create(FunctionName=name, Name="live", FunctionVersion="1")
    asked = {"FunctionName": name, "Name": "live", "FunctionVersion": "1"}
    assert refusal(create, **asked)[0] == "ResourceConflictException"
    missing = asked | {"Name": "next", "FunctionVersion": "7"}
    assert refusal(create, **missing)[0] == "ResourceNotFoundException"
    number = asked | {"Name": "7"}
    assert refusal(create, **number)[0] in ("ValidationException", "InvalidParameterValueException")
