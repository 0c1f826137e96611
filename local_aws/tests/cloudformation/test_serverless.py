"""A SAM template with an included API definition, a function with an alias, and an HTTP API."""

import json

import pytest
from botocore.exceptions import ClientError

from local_aws.awslambda.execution.runtime_site import runtime_name
from local_aws.awslambda.execution.workers import architecture
from local_aws.tests.account import unique
from local_aws.tests.awslambda.functions import zipped

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  Bucket: {Type: String}
  Word: {Type: String}
  Runtime: {Type: String}
  Machine: {Type: String}
  Definition: {Type: String}
Globals:
  Function: {Timeout: 10}
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: !Ref Runtime
      Architectures: [!Ref Machine]
      Handler: app.handler
      CodeUri: {Bucket: !Ref Bucket, Key: code.zip}
      AutoPublishAlias: live
      AutoPublishCodeSha256: !Ref Word
      Environment: {Variables: {WORD: !Ref Word}}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefinitionBody:
        Fn::Transform: {Name: AWS::Include, Parameters: {Location: !Ref Definition}}
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      Action: lambda:InvokeFunction
      FunctionName: !Ref Function.Alias
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"
Outputs:
  Url: {Value: !Sub "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"}
  Role: {Value: !GetAtt FunctionRole.Arn}
"""
SOURCE = "import os\n\ndef handler(event, context):\n    return os.environ['WORD']\n"
DEFINITION = """
openapi: 3.0.1
info: {title: !Ref AWS::StackName, version: "1"}
paths:
  /word:
    get:
      x-amazon-apigateway-integration:
        type: aws_proxy
        httpMethod: POST
        payloadFormatVersion: "2.0"
        uri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/\
${Function.Alias}/invocations"
"""


@pytest.fixture(scope="module")
def uploaded(stacks) -> dict[str, str]:
    """Upload the code and the definition; return the parameters of the template."""
    stacks.account.upload("code.zip", zipped({"app.py": SOURCE}))
    return {
        "Bucket": stacks.account.bucket,
        "Runtime": runtime_name(),
        "Machine": architecture(),
        "Definition": stacks.account.upload("definition.yaml", DEFINITION),
    }


def request(name: str, uploaded: dict[str, str], word: str) -> dict[str, object]:
    parameters = {**uploaded, "Word": word}
    return {
        "StackName": name,
        "TemplateBody": TEMPLATE,
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": text} for key, text in parameters.items()
        ],
    }


def test_template_whose_include_holds_a_list_is_refused(stacks):
    location = stacks.account.upload("list.yaml", "- one")
    include = {"Name": "AWS::Include", "Parameters": {"Location": location}}
    with pytest.raises(ClientError, match="unsupported structure"):
        stacks.client.create_stack(
            StackName=unique("stack"),
            TemplateBody=json.dumps({"Fn::Transform": include}),
            Capabilities=["CAPABILITY_AUTO_EXPAND"],
        )


@pytest.mark.observes("template-sam")
def test_sam_template_is_deployed_invoked_updated_and_deleted(stacks, apis, uploaded):
    name = unique("stack")
    stacks.client.create_stack(**request(name, uploaded, "one"))
    stacks.wait(name, "CREATE_COMPLETE")
    before = stacks.physical(name)
    url = f"https://{before['Api']}.execute-api.us-east-1.amazonaws.com"
    assert stacks.outputs(name)["Url"] == url
    assert apis.client.get_api(ApiId=before["Api"])["Name"] == name
    role = stacks.outputs(name)["Role"].rpartition("/")[2]
    attached = stacks.account.iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert [item["PolicyName"] for item in attached] == ["AWSLambdaBasicExecutionRole"]
    assert apis.call(before["Api"], "/word").body == b"one"
    stacks.client.update_stack(**request(name, uploaded, "two"))
    stacks.wait(name, "UPDATE_COMPLETE")
    after = stacks.physical(name)
    assert (after["Function"], after["Api"]) == (before["Function"], before["Api"])
    alias = apis.functions.get_alias(FunctionName=before["Function"], Name="live")
    assert alias["FunctionVersion"] == "2"
    assert apis.call(before["Api"], "/word").body == b"two"
    with pytest.raises(ClientError, match="No updates are to be performed"):
        stacks.client.update_stack(**request(name, uploaded, "two"))
    processed = stacks.client.get_template(StackName=name, TemplateStage="Processed")
    body = processed["TemplateBody"]
    template = body if isinstance(body, dict) else json.loads(body)
    kinds = {item["Type"] for item in template["Resources"].values()}
    assert "AWS::Lambda::Alias" in kinds
    assert not [kind for kind in kinds if kind.startswith("AWS::Serverless")]
    stacks.delete(name)
    assert apis.call(before["Api"], "/word").status == 404
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        apis.functions.get_function(FunctionName=before["Function"])


@pytest.mark.observes("template-sam-version")
def test_function_that_changes_under_the_same_code_sha256_publishes_no_version(
    stacks, apis, uploaded
):
    name, functions = unique("stack"), apis.functions
    stacks.client.create_stack(**request(name, uploaded, "one"))
    stacks.wait(name, "CREATE_COMPLETE")
    changed = request(name, uploaded, "one")
    changed["TemplateBody"] = TEMPLATE.replace("{WORD: !Ref Word}", "{WORD: two}")
    stacks.client.update_stack(**changed)
    stacks.wait(name, "UPDATE_COMPLETE")
    function = {"FunctionName": stacks.physical(name)["Function"]}
    answers = [
        functions.invoke(**function, Qualifier=each)["Payload"].read()
        for each in ("$LATEST", "live")
    ]
    assert answers == [b'"two"', b'"one"']
    versions = functions.list_versions_by_function(**function)["Versions"]
    assert [each["Version"] for each in versions] == ["$LATEST", "1"]
    stacks.delete(name)


def test_sam_template_that_the_translator_refuses_gives_the_reason(stacks, uploaded):
    arguments = request(unique("stack"), uploaded, "x")
    arguments["TemplateBody"] = TEMPLATE.replace("Handler: app.handler", "Color: red")
    with pytest.raises(ClientError, match="Invalid Serverless Application Specification"):
        stacks.client.create_stack(**arguments)


def test_missing_definition_is_named(stacks, uploaded):
    missing = {**uploaded, "Definition": f"s3://{stacks.account.bucket}/missing.yaml"}
    with pytest.raises(ClientError, match=r"S3 error: .*missing\.yaml"):
        stacks.client.create_stack(**request(unique("stack"), missing, "x"))
