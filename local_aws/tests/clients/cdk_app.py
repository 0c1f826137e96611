"""A CDK application of a bucket, a role, a function, and an HTTP API: cdk_app.py RUNTIME CODE."""

import sys

import aws_cdk as cdk
from aws_cdk import aws_apigatewayv2, aws_iam, aws_lambda, aws_s3
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration

runtime, code = sys.argv[1:]
app = cdk.App()
stack = cdk.Stack(app, "CdkTried")
bucket = aws_s3.Bucket(stack, "Models", removal_policy=cdk.RemovalPolicy.DESTROY)
role = aws_iam.Role(stack, "Reader", assumed_by=aws_iam.ServicePrincipal("sagemaker.amazonaws.com"))
bucket.grant_read(role)
hello = aws_lambda.Function(
    stack,
    "Hello",
    runtime=aws_lambda.Runtime(runtime),
    handler="app.handler",
    code=aws_lambda.Code.from_asset(code),
    environment={"BUCKET": bucket.bucket_name},
)
api = aws_apigatewayv2.HttpApi(stack, "Api")
api.add_routes(
    path="/hello",
    methods=[aws_apigatewayv2.HttpMethod.GET],
    integration=HttpLambdaIntegration("Call", hello),
)
cdk.CfnOutput(stack, "ApiId", value=api.api_id)
app.synth()
