"""What SageMaker does with the containers of an endpoint, one or several in a row."""

from local_aws.tests.contract.observation import Section, documented, in_examples

CHAIN = Section(
    "Inference pipelines",
    (
        documented(
            "pipeline-order",
            "The containers are called in order; the answer of one is the request of the next.",
        ),
        documented("pipeline-same-instance", "All containers of a pipeline run on one instance."),
        documented(
            "pipeline-ports",
            "Each container gets a port of its own in SAGEMAKER_BIND_TO_PORT, and second ports in "
            "SAGEMAKER_SAFE_PORT_RANGE.",
        ),
        in_examples(
            "pipeline-content-type",
            "The request's content type goes to the first container; after that, the content type "
            "header of each answer is handed on as it is.",
        ),
        in_examples(
            "pipeline-accept",
            "The request's Accept goes to the last container only.",
        ),
        in_examples(
            "pipeline-accept-between",
            "The containers before it fall back to their default accept: a scikit-learn container "
            "hands JSON on, to a container that may expect CSV.",
        ),
        in_examples(
            "pipeline-charset",
            "`text/csv; charset=utf-8`, as the scikit-learn container answers CSV, is a 500 of the "
            "scikit-learn container behind it.",
        ),
        in_examples(
            "pipeline-custom-attributes",
            "Custom attributes reach the first container; that they go further is nowhere said, "
            "so here they do not.",
        ),
        documented(
            "pipeline-error",
            "An error of a container is a ModelError, HTTP 424, with OriginalStatusCode and "
            "OriginalMessage.",
        ),
        documented(
            "pipeline-error-names-container",
            "Its message names the container: `Received client error (415) from container-2 with "
            "message ...`.",
        ),
        documented(
            "pipeline-handover",
            "At most 5 MB pass from container to container; more is a ModelError that says so.",
        ),
        documented(
            "pipeline-failed-pings",
            "An endpoint fails with the list of the containers that did not pass /ping.",
        ),
    ),
)
TIMES = Section(
    "Health checks, times and sizes",
    (
        documented("ping-two-seconds", "A /ping that takes longer than 2 s is no good one."),
        documented("ping-startup-default", "A container has 8 minutes to become healthy."),
        documented(
            "ping-startup-asked",
            "ContainerStartupHealthCheckTimeoutInSeconds gives it another time.",
        ),
        documented(
            "connect-timeout",
            "A container that takes no connection is given up early (250 ms), not after the 60 s "
            "of an answer.",
        ),
        documented(
            "response-timeout",
            "A container that does not answer in 60 s is a ModelError with a message of its own.",
        ),
        documented(
            "payload",
            "A request has at most 6,291,456 bytes (the API model; a newer page says 25 MB).",
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
            "Containers that are called one by one (mode Direct): refused by name.",
        ),
    ),
)
SECTIONS = (CHAIN, TIMES, NOT_HOSTED)
