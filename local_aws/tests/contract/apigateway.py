"""The contract of HTTP APIs."""

from local_aws.tests.contract.observation import Section, documented, in_examples, ours

_MANAGEMENT = Section(
    "HTTP APIs: management",
    (
        documented("api-openapi", "An OpenAPI document creates an API or replaces its routes."),
        documented(
            "api-routes",
            "A route has a unique key and an integration, which cannot be deleted before it.",
        ),
        documented("api-integrations", "Three forms of address name a function or an alias."),
        documented("api-pages", "Lists are divided into pages."),
        ours(
            "not-api-members",
            "CORS, authorizers, WebSockets, quick create, detailed metrics, and the settings of "
            "single routes are refused by name.",
        ),
        ours("not-api-deployments", "A stage without AutoDeploy and deployments are refused."),
    ),
)
_REQUESTS = Section(
    "HTTP APIs: requests",
    (
        ours(
            "api-addresses",
            "An API answers under the host name that it has on AWS, under the same name below "
            "localhost, and under /_local_aws/apis/ID/.",
        ),
        ours("api-browsers", "An address typed into a browser works, a web page's request not."),
        documented(
            "api-precedence",
            "A literal part of a path comes before a variable, that before a greedy one; a method "
            "comes before ANY; $default takes the rest.",
        ),
        documented("api-not-found", "A missing route, method, or stage is a 404."),
        documented("api-named-stage", "A named stage is the first part of the path."),
        documented("api-event-2", "Payload format 2.0 omits empty members and joins values."),
        documented("api-event-1", "Payload format 1.0 has null for them, and lists of values."),
        in_examples(
            "api-binary",
            "Only text/*, application/json, application/xml, and application/javascript reach a "
            "function as text; all other bodies, even forms, are base64.",
        ),
        in_examples("api-path", "The path in an event is decoded."),
        documented("api-body-limits", "A body beyond 10 MB, or beyond Lambda's limit, is a 413."),
    ),
)
_RESPONSES = Section(
    "HTTP APIs: responses",
    (
        documented(
            "api-result-2",
            "A result without a statusCode is the body in format 2.0, and malformed in 1.0.",
        ),
        documented("api-headers", "Cookies and multiValueHeaders become separate headers."),
        documented("api-malformed", "A malformed result, or a failing function, is a 500."),
        documented("api-unavailable", "A timeout or a throttled function is a 503."),
        documented("api-permission", "An API without permission to call its function is a 500."),
        documented(
            "api-throttle",
            "Requests beyond the burst and the rate of a stage are a 429. Here all routes of a "
            "stage share one bucket.",
        ),
        documented("api-access-log", "The access log has a line per request in its format."),
    ),
)
SECTIONS = (_MANAGEMENT, _REQUESTS, _RESPONSES)
