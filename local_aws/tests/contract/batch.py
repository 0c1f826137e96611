"""What SageMaker does with the files of a batch transform job."""

from local_aws.tests.contract.observation import Section, documented, in_examples, ours, source

_FILES = Section(
    "Batch transform: files and records",
    (
        documented(
            "batch-shares",
            "The objects under the prefix are shared out among the instances by key; one object "
            "is one instance's alone.",
        ),
        documented(
            "batch-order",
            "Every object gets one output of its path below the prefix and .out, with the answers "
            "in the order of its records.",
        ),
        documented(
            "batch-strategy",
            "Split by lines, a request has one record (SingleRecord) or as many as fit "
            "MaxPayloadInMB (MultiRecord). A record keeps its newline, as in the SDK's local mode.",
        ),
        documented(
            "batch-payload",
            "A record or an unsplit object that is larger than MaxPayloadInMB is an error.",
        ),
        documented("batch-gzip", "With CompressionType Gzip objects are decompressed first."),
        documented(
            "batch-failed-file",
            "An object with a record that failed has no output, the other objects have theirs, "
            "and the job is Failed.",
        ),
        documented(
            "batch-stop",
            "A job that is stopped before it is completed leaves no output, not even of the "
            "objects that were done.",
        ),
        ours(
            "batch-local-shutdown",
            "Stopping the local AWS ends a transform job at once, in the middle of its calls.",
        ),
        in_examples(
            "batch-data-log",
            "The log stream data-log has the values of the job and, for each object that failed, "
            "its bucket and key, the status, and the container's message line by line. It does "
            "not say which record it was.",
        ),
        ours(
            "batch-last-line-end",
            "With AssembleWith Line an answer that ends in a newline gets no second one.",
        ),
    ),
)
_CALLS = Section(
    "Batch transform: containers and calls",
    (
        documented(
            "batch-precedence",
            "MaxConcurrentTransforms, MaxPayloadInMB and BatchStrategy are the job's, else those "
            "of the container's /execution-parameters, else 1, 6 and MultiRecord.",
        ),
        documented(
            "batch-limits",
            "MaxPayloadInMB is at most 100, and so is its product with MaxConcurrentTransforms.",
        ),
        source(
            "batch-variables",
            "Containers get SAGEMAKER_BATCH, SAGEMAKER_MAX_PAYLOAD_IN_MB, SAGEMAKER_BATCH_STRATEGY "
            "(MULTI_RECORD, SINGLE_RECORD) and SAGEMAKER_MAX_CONCURRENT_TRANSFORMS, and the "
            "variables of the job.",
        ),
        documented(
            "batch-retries",
            "A call has InvocationsTimeoutInSeconds (600) and is made again "
            "InvocationsMaxRetries (3) times. Here a refusal (4xx) is not made again.",
        ),
        documented(
            "batch-streams",
            "Log streams are JOB/HOST-TIME of one container, JOB/HOST-TIME/CONTAINER of several, "
            "and JOB/HOST-TIME/data-log.",
        ),
    ),
)
_PROCESSING = Section(
    "Batch transform: filters and joins",
    (
        documented(
            "batch-filters",
            "InputFilter and OutputFilter are JSONPath of six operators: what of a record is sent, "
            "and what of the joined record is kept.",
        ),
        documented(
            "batch-join-json",
            "A JSON object is joined to its answer under SageMakerOutput; anything else goes under "
            "SageMakerInput.",
        ),
        documented(
            "batch-join-csv", "A row of CSV is joined to its answer by the answer's columns."
        ),
        documented(
            "not-batch-formats",
            "RecordIO, TFRecord, manifests, encryption keys, data capture, and payloads in chunks "
            "(MaxPayloadInMB 0): refused by name.",
        ),
    ),
)
SECTIONS = (_FILES, _CALLS, _PROCESSING)
