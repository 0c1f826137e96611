"""The contract of batch transform jobs."""

from local_aws.tests.contract.observation import Section, documented, in_examples, ours, source

_FILES = Section(
    "Batch transform: files and records",
    (
        documented(
            "batch-shares",
            "The objects under the prefix are distributed among the instances by key; each "
            "object belongs to one instance.",
        ),
        documented(
            "batch-order",
            "Each object has one output, named after its path below the prefix with .out "
            "appended, with the responses in the order of its records.",
        ),
        documented(
            "batch-strategy",
            "If objects are split by line, a request has one record (SingleRecord) or as many "
            "as fit into MaxPayloadInMB (MultiRecord). A record keeps its newline, as in the "
            "SDK's local mode.",
        ),
        documented(
            "batch-payload",
            "A record or an unsplit object larger than MaxPayloadInMB is an error.",
        ),
        documented("batch-gzip", "With CompressionType Gzip, objects are decompressed first."),
        documented(
            "batch-failed-file",
            "An object with a failed record has no output, the other objects have theirs, and "
            "the job is Failed.",
        ),
        documented(
            "batch-stop",
            "A job that is stopped before it completes leaves no output, not even for objects "
            "that were finished.",
        ),
        ours(
            "batch-local-shutdown",
            "Stopping the local AWS ends a transform job immediately, even during calls.",
        ),
        in_examples(
            "batch-data-log",
            "The log stream data-log has the settings of the job and, for each failed object, "
            "its bucket and key, the status, and the container's message line by line. It does "
            "not name the record.",
        ),
        ours(
            "batch-last-line-end",
            "With AssembleWith Line, a response that ends in a newline gets no second newline.",
        ),
    ),
)
_CALLS = Section(
    "Batch transform: containers and calls",
    (
        documented(
            "batch-precedence",
            "MaxConcurrentTransforms, MaxPayloadInMB, and BatchStrategy come from the job, or "
            "else from the container's /execution-parameters, or else are 1, 6, and "
            "MultiRecord.",
        ),
        documented(
            "batch-limits",
            "MaxPayloadInMB is at most 100, as is its product with MaxConcurrentTransforms.",
        ),
        source(
            "batch-variables",
            "Containers get SAGEMAKER_BATCH, SAGEMAKER_MAX_PAYLOAD_IN_MB, "
            "SAGEMAKER_BATCH_STRATEGY (MULTI_RECORD or SINGLE_RECORD), "
            "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS, and the variables of the job.",
        ),
        documented(
            "batch-retries",
            "A call may take InvocationsTimeoutInSeconds (600) and is retried "
            "InvocationsMaxRetries (3) times. Here, a refusal (4xx) is not retried.",
        ),
        documented(
            "batch-streams",
            "Log streams are named JOB/HOST-TIME with one container, JOB/HOST-TIME/CONTAINER "
            "with several, and JOB/HOST-TIME/data-log.",
        ),
    ),
)
_PROCESSING = Section(
    "Batch transform: filters and joins",
    (
        documented(
            "batch-filters",
            "InputFilter and OutputFilter are JSONPath with six operators. They select the "
            "part of a record that is sent, and the part of the joined record that is kept.",
        ),
        documented(
            "batch-join-json",
            "A JSON object gets its response under SageMakerOutput; any other input is placed "
            "under SageMakerInput.",
        ),
        documented("batch-join-csv", "A row of CSV gets the columns of its response appended."),
        documented(
            "not-batch-formats",
            "RecordIO, TFRecord, manifests, encryption keys, data capture, and chunked "
            "payloads (MaxPayloadInMB 0): refused by name.",
        ),
    ),
)
SECTIONS = (_FILES, _CALLS, _PROCESSING)
