"""The members of apigatewayv2's requests that are reproduced; all others are refused by name."""

from collections.abc import Mapping

from local_aws.rules import Rule, free

_SELECTION = ("$request.method $request.path", "${request.method} ${request.path}")
_API: Mapping[str, Rule] = {
    **free("ApiId", "Name", "Description", "Version", "Tags"),
    "ProtocolType": ("HTTP",),
    "CorsConfiguration": {
        **free("AllowCredentials", "AllowHeaders", "AllowMethods", "AllowOrigins"),
        **free("ExposeHeaders", "MaxAge"),
    },
    "RouteSelectionExpression": _SELECTION,
    "IpAddressType": ("ipv4",),
}
_ROUTE: Mapping[str, Rule] = {
    **free("ApiId", "RouteId", "RouteKey", "Target", "OperationName"),
    **free("AuthorizationScopes", "AuthorizerId"),
    "AuthorizationType": ("NONE", "AWS_IAM", "JWT"),
}
_AUTHORIZER: Mapping[str, Rule] = {
    **free("ApiId", "AuthorizerId", "IdentitySource", "Name"),
    "AuthorizerType": ("JWT",),
    "JwtConfiguration": free("Audience", "Issuer"),
}
_INTEGRATION: Mapping[str, Rule] = {
    **free("ApiId", "IntegrationId", "IntegrationUri", "PayloadFormatVersion", "TimeoutInMillis"),
    **free("Description"),
    "IntegrationType": ("AWS_PROXY",),
    "IntegrationMethod": ("POST",),
    "ConnectionType": ("INTERNET",),
}
_STAGE: Mapping[str, Rule] = {
    **free("ApiId", "StageName", "AutoDeploy", "Description", "StageVariables", "Tags"),
    "AccessLogSettings": free("DestinationArn", "Format"),
    # Detailed metrics are refused, because there are no metrics; so are the settings of a route.
    "DefaultRouteSettings": free("ThrottlingBurstLimit", "ThrottlingRateLimit"),
    "RouteSettings": {},
}
RULES: dict[str, Mapping[str, Rule]] = {
    "CreateApi": {**_API, **free("Target", "RouteKey")},
    "UpdateApi": _API,
    "ImportApi": free("Body", "FailOnWarnings"),
    "ReimportApi": free("ApiId", "Body", "FailOnWarnings"),
    "CreateRoute": _ROUTE,
    "UpdateRoute": _ROUTE,
    "CreateAuthorizer": _AUTHORIZER,
    "UpdateAuthorizer": _AUTHORIZER,
    "CreateIntegration": _INTEGRATION,
    "UpdateIntegration": _INTEGRATION,
    "CreateStage": _STAGE,
    "UpdateStage": _STAGE,
}
