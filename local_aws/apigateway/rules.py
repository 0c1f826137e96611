"""The members of apigatewayv2's requests that are reproduced; all others are refused by name."""

from collections.abc import Mapping

from local_aws.rules import ANY, Rule

_SELECTION = ("$request.method $request.path", "${request.method} ${request.path}")
_CORS: Mapping[str, Rule] = {
    "AllowCredentials": ANY,
    "AllowHeaders": ANY,
    "AllowMethods": ANY,
    "AllowOrigins": ANY,
    "ExposeHeaders": ANY,
    "MaxAge": ANY,
}
_API: Mapping[str, Rule] = {
    "ApiId": ANY,
    "Name": ANY,
    "ProtocolType": ("HTTP",),
    "Description": ANY,
    "Version": ANY,
    "Tags": ANY,
    "CorsConfiguration": _CORS,
    "RouteSelectionExpression": _SELECTION,
    "IpAddressType": ("ipv4",),
}
_ROUTE: Mapping[str, Rule] = {
    "ApiId": ANY,
    "RouteId": ANY,
    "RouteKey": ANY,
    "Target": ANY,
    "OperationName": ANY,
    "AuthorizationType": ("NONE", "AWS_IAM", "JWT"),
    "AuthorizationScopes": ANY,
    "AuthorizerId": ANY,
}
_AUTHORIZER: Mapping[str, Rule] = {
    "ApiId": ANY,
    "AuthorizerId": ANY,
    "AuthorizerType": ("JWT",),
    "IdentitySource": ANY,
    "JwtConfiguration": {"Audience": ANY, "Issuer": ANY},
    "Name": ANY,
}
_INTEGRATION: Mapping[str, Rule] = {
    "ApiId": ANY,
    "IntegrationId": ANY,
    "IntegrationType": ("AWS_PROXY",),
    "IntegrationMethod": ("POST",),
    "IntegrationUri": ANY,
    "PayloadFormatVersion": ANY,
    "TimeoutInMillis": ANY,
    "ConnectionType": ("INTERNET",),
    "Description": ANY,
}
_STAGE: Mapping[str, Rule] = {
    "ApiId": ANY,
    "StageName": ANY,
    "AutoDeploy": ANY,
    "Description": ANY,
    "StageVariables": ANY,
    "Tags": ANY,
    "AccessLogSettings": {"DestinationArn": ANY, "Format": ANY},
    # Detailed metrics are refused, because there are no metrics; so are the settings of a route.
    "DefaultRouteSettings": {"ThrottlingBurstLimit": ANY, "ThrottlingRateLimit": ANY},
    "RouteSettings": {},
}
RULES: dict[str, Mapping[str, Rule]] = {
    "CreateApi": {**_API, "Target": ANY, "RouteKey": ANY},
    "UpdateApi": _API,
    "ImportApi": {"Body": ANY, "FailOnWarnings": ANY},
    "ReimportApi": {"ApiId": ANY, "Body": ANY, "FailOnWarnings": ANY},
    "CreateRoute": _ROUTE,
    "UpdateRoute": _ROUTE,
    "CreateAuthorizer": _AUTHORIZER,
    "UpdateAuthorizer": _AUTHORIZER,
    "CreateIntegration": _INTEGRATION,
    "UpdateIntegration": _INTEGRATION,
    "CreateStage": _STAGE,
    "UpdateStage": _STAGE,
}
