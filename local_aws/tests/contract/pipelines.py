"""The contract of an endpoint's containers, single or in a pipeline."""

from local_aws.tests.contract.observation import Section, documented, in_examples

CHAIN = Section(
    "Inference pipelines",
    (
        documented(
            "pipeline-order",
            "The containers are called in order; the response of one is the request to the next.",
        ),
        documented("pipeline-same-instance", "All containers of a pipeline run on one instance."),
        documented(
            "pipeline-ports",
            "Each container gets its own port in SAGEMAKER_BIND_TO_PORT, and more ports in "
            "SAGEMAKER_SAFE_PORT_RANGE.",
        ),
        in_examples(
            "pipeline-content-type",
            "The request's content type is passed to the first container. After that, the "
            "content type header of each response is passed on unchanged.",
        ),
        in_examples(
            "pipeline-accept",
            "The request's Accept is passed only to the last container.",
        ),
        in_examples(
            "pipeline-accept-between",
            "The other containers use their default Accept: a scikit-learn container passes "
            "JSON on, even to a container that expects CSV.",
        ),
        in_examples(
            "pipeline-charset",
            "`text/csv; charset=utf-8`, with which the scikit-learn container returns CSV, is "
            "a 500 in the next scikit-learn container.",
        ),
        in_examples(
            "pipeline-custom-attributes",
            "Custom attributes reach the first container. Nothing says that they are passed "
            "on, so here they are not.",
        ),
        documented(
            "pipeline-error",
            "An error of a container is a ModelError, HTTP 424, with OriginalStatusCode and "
            "OriginalMessage.",
        ),
        documented(
            "pipeline-error-names-container",
            "The message names the container: `Received client error (415) from container-2 "
            "with message ...`.",
        ),
        documented(
            "pipeline-handover",
            "At most 5 MB are passed from container to container; more is a ModelError that "
            "says so.",
        ),
        documented(
            "pipeline-failed-pings",
            "A failed endpoint lists the containers that did not pass /ping.",
        ),
    ),
)
TIMES = Section(
    "Health checks, times, and sizes",
    (
        documented("ping-two-seconds", "A /ping that takes longer than 2 s fails."),
        documented("ping-startup-default", "A container has 8 minutes to become healthy."),
        documented(
            "ping-startup-option",
            "ContainerStartupHealthCheckTimeoutInSeconds changes that time.",
        ),
        documented(
            "connect-timeout",
            "A container that accepts no connection fails early (250 ms), not after the 60 s "
            "allowed for a response.",
        ),
        documented(
            "response-timeout",
            "A container that does not respond within 60 s is a ModelError with its own message.",
        ),
        documented(
            "payload",
            "A request has at most 6,291,456 bytes (according to the API model; a newer page "
            "says 25 MB).",
        ),
    ),
)
NOT_HOSTED = Section(
    "Inference that the local AWS does not reproduce",
    (
        documented("not-serverless", "Serverless inference: refused by name."),
        documented("not-async", "Asynchronous inference: refused by name."),
        documented("not-streaming", "Streamed responses: refused by name."),
        documented(
            "not-direct",
            "Containers that are invoked individually (mode Direct): refused by name.",
        ),
    ),
)
SECTIONS = (CHAIN, TIMES, NOT_HOSTED)
