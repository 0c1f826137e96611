"""The contract of the TensorFlow inference containers, 2.20 and earlier."""

from local_aws.tests.contract.observation import Section, documented, ours, ran, source

STARTING = Section(
    "The TensorFlow inference container: starting to serve",
    (
        source(
            "tfs-image-pins",
            "Image 2.20 contains falcon 3.1.0, gunicorn 26.0.0, numpy 1.26.4, pandas 3.0.3, "
            "and scikit-learn 1.9.0, and no TensorFlow.",
        ),
        source(
            "tfs-image-old", "Image 2.19 contains falcon 3.1.0, and neither numpy nor TensorFlow."
        ),
        source(
            "tfs-layout",
            "An archive contains `1/saved_model.pb`, served as `model`, or "
            "`<name>/1/saved_model.pb`, served as `<name>`; the folder of a version is a "
            "number.",
        ),
        source(
            "tfs-default-model",
            "SAGEMAKER_TFS_DEFAULT_MODEL_NAME is the model for requests that do not name one.",
        ),
        source(
            "tfs-all-versions",
            "Every version of a model is served; requests that do not name one get the newest.",
        ),
        source(
            "tfs-no-model",
            "An archive without a SavedModel ends the start: `no SavedModel bundles found!`",
        ),
        source(
            "tfs-broken-model",
            "A SavedModel that cannot be loaded ends the model server and so the start: `1 "
            "servable(s) did not become available`.",
        ),
        source(
            "tfs-ports",
            "The lowest port of SAGEMAKER_SAFE_PORT_RANGE is for gRPC, and the next for REST; "
            "without a range they are 9000 and 8501.",
        ),
        source(
            "tfs-instance-count",
            "SAGEMAKER_TFS_INSTANCE_COUNT sets the number of model servers, each with two ports.",
        ),
        source(
            "tfs-variables-refused",
            "SAGEMAKER_TFS_ENABLE_BATCHING must be true or false, and the range must have "
            "enough ports; anything else ends the start.",
        ),
        source(
            "tfs-batching-file",
            "With SAGEMAKER_TFS_ENABLE_BATCHING, the model server gets a file with "
            "SAGEMAKER_TFS_MAX_BATCH_SIZE (8), _BATCH_TIMEOUT_MICROS (1000), "
            "_NUM_BATCH_THREADS (CPUs), and _MAX_ENQUEUED_BATCHES (CPUs).",
        ),
        source(
            "tfs-library-first",
            "If there is a code/lib, it is on the path of the handlers, and requirements.txt "
            "is ignored.",
        ),
        source("tfs-requirements", "Otherwise, code/requirements.txt is installed."),
        source(
            "tfs-gunicorn-workers",
            "SAGEMAKER_GUNICORN_WORKERS sets the number of workers that run the handlers; the "
            "default is 1.",
        ),
        source(
            "tfs-restart", "If a model server or gunicorn ends, only that process is restarted."
        ),
    ),
)
FRONT = Section(
    "The TensorFlow inference container: a model without code",
    (
        ran(
            "tfs-front-types",
            "It accepts application/json, application/jsonlines, application/jsons, and text/csv.",
        ),
        ran(
            "tfs-front-parameters",
            "2.20 strips parameters such as `; charset=utf-8`; earlier images treat them as a "
            "different type.",
        ),
        ran("tfs-front-unsupported", "Any other type is a 415 with JSON."),
        ran(
            "tfs-front-wraps",
            'A body without "instances", "inputs", or "examples" is wrapped into '
            '`{"instances": ...}`.',
        ),
        source(
            "tfs-front-csv",
            "Lines of CSV become instances: numbers stay numbers, and other fields become strings.",
        ),
        source(
            "tfs-front-accept",
            "Clients that accept JSON by name get it on one line; others get it as the model "
            "server wrote it.",
        ),
        source(
            "tfs-attributes",
            "The custom attributes tfs-model-name, tfs-model-version, and tfs-method select "
            "what is called; 2.20 refuses those that cannot be in a path with a 400.",
        ),
        source(
            "tfs-ping",
            "Without code, /ping is 200 while the model is available and 502 otherwise; with "
            "code, it is always 200.",
        ),
        ran("tfs-execution-parameters", "/execution-parameters and other paths are 404."),
    ),
)
HANDLERS = Section(
    "The TensorFlow inference container: a model with code",
    (
        source("tfs-handlers-one", "`handler(data, context)` handles a request alone."),
        source(
            "tfs-handlers-two",
            "Otherwise, `input_handler(data, context)` creates the request and "
            "`output_handler(response, context)` the response.",
        ),
        source("tfs-handlers-missing", "A script with neither of them never serves."),
        source(
            "tfs-handlers-none",
            "Code without inference.py passes requests on unchanged; 2.20 refuses the same "
            "types as without code, apart from parameters.",
        ),
        ran(
            "tfs-handlers-nothing-done",
            "With handlers, nothing is wrapped, no parameter is stripped, and no type is refused.",
        ),
        source(
            "tfs-handlers-context",
            "The context has model_name, model_version, method, rest_uri, grpc_port, channel, "
            "custom_attributes, request_content_type, accept_header, and content_length, and "
            "in 2.20 also timeout.",
        ),
        ran(
            "tfs-handlers-exception",
            'An exception of a handler is a 500 with `{"error": str(exception)}`.',
        ),
        source(
            "tfs-handlers-http-error",
            "A falcon.HTTPError of a handler determines the status in 2.20, and is that 500 "
            "before.",
        ),
        ran(
            "tfs-handlers-new-errors",
            "2.20 raises a response of the model server other than 200 as an HTTPError, before "
            "output_handler.",
        ),
        ran(
            "tfs-handlers-old-errors",
            "Up to 2.19, output_handler receives such a response.",
        ),
        ran(
            "tfs-handlers-empty-error",
            "With `Accept: text/csv`, the body of an HTTPError is empty.",
        ),
        ran(
            "tfs-handlers-accept-echo",
            "A handler that returns context.accept_header may answer with the type `*/*`.",
        ),
        source(
            "tfs-no-tensorflow-for-handlers",
            "Handlers cannot import TensorFlow: the image contains only the model server.",
        ),
    ),
)
MODEL_SERVER = Section(
    "TensorFlow Serving's REST API",
    (
        source("tfs-status", "GET /v1/models/NAME lists the versions and their states."),
        source("tfs-metadata", "GET /v1/models/NAME/metadata describes the signatures."),
        source("tfs-rows", '"instances" are rows of plain values or of named inputs.'),
        source("tfs-columns", '"inputs" are columns, to which the response has "outputs".'),
        source(
            "tfs-single-output",
            "A single output has no name in the response; several outputs have theirs.",
        ),
        source(
            "tfs-strings",
            'Strings may be `{"b64": ...}`; outputs named ..._bytes are returned that way.',
        ),
        source(
            "tfs-strict-types",
            "An integer input requires whole numbers; a float input accepts any number that "
            "fits, and NaN. null, strings, and booleans are not numbers.",
        ),
        source(
            "tfs-error-texts",
            'Errors are 400 or 404 with `{"error": text}`: no values; unknown model, version, '
            "signature, or input; lists of different lengths; broken JSON.",
        ),
        source(
            "tfs-float-texts",
            "Floats are written with six digits, or with nine if six would be a different float.",
        ),
        source(
            "tfs-batching-joins",
            "With batching, concurrent requests run together until the batch is full or its "
            "time-out has passed.",
        ),
        source(
            "tfs-batching-limits",
            "A request larger than a batch is refused, as are requests in one batch with "
            "different widths.",
        ),
    ),
)
NOT_SERVED = Section(
    "The TensorFlow inference container: differences in the local AWS",
    (
        ours(
            "tfs-not-grpc",
            "The stand-in opens no gRPC port; context.channel says so when it is used.",
        ),
        ours(
            "tfs-not-without-tensorflow",
            "The stand-in runs models in TensorFlow's Python package; without it, the endpoint "
            "fails with the command that installs it.",
        ),
        ours(
            "tfs-not-own-program",
            "If `tensorflow_model_server` is on the path, it serves instead of the stand-in.",
        ),
        documented(
            "tfs-not-nginx",
            "nginx runs in front of both, and logs a line per request.",
            untested="there is no nginx here; its JavaScript responds like the front",
        ),
        source(
            "tfs-not-classify",
            "classify and regress: refused with the model server's own text if the signature "
            "is for predict, and by name otherwise.",
            untested="TensorFlow 2 writes signatures for predict only; the error texts include "
            "their refusal",
        ),
    ),
)
SECTIONS = (STARTING, FRONT, HANDLERS, MODEL_SERVER, NOT_SERVED)
