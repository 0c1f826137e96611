"""What the TensorFlow inference containers do, 2.20 and the generation before it."""

from local_aws.tests.contract.observation import Section, documented, ours, ran, source

STARTING = Section(
    "The TensorFlow inference container: starting to serve",
    (
        source(
            "tfs-image-pins",
            "Image 2.20 holds falcon 3.1.0, gunicorn 26.0.0, numpy 1.26.4, pandas 3.0.3 and "
            "scikit-learn 1.9.0, and no TensorFlow.",
        ),
        source("tfs-image-old", "Image 2.19 holds falcon 3.1.0, and no numpy or TensorFlow."),
        source(
            "tfs-layout",
            "An archive holds `1/saved_model.pb`, served as `model`, or `<name>/1/saved_model.pb`, "
            "served as `<name>`; the folder of a version is a number.",
        ),
        source(
            "tfs-default-model",
            "SAGEMAKER_TFS_DEFAULT_MODEL_NAME is the model of requests that name none.",
        ),
        source(
            "tfs-all-versions",
            "Every version of a model is served; a request that names none gets the newest.",
        ),
        source(
            "tfs-no-model",
            "An archive without a SavedModel ends the start: `no SavedModel bundles found!`",
        ),
        source(
            "tfs-broken-model",
            "A SavedModel that cannot be loaded ends the model server, and with it the start: "
            "`1 servable(s) did not become available`.",
        ),
        source(
            "tfs-ports",
            "The lowest port of SAGEMAKER_SAFE_PORT_RANGE is for gRPC, the next for REST; without "
            "a range they are 9000 and 8501.",
        ),
        source(
            "tfs-instance-count",
            "SAGEMAKER_TFS_INSTANCE_COUNT starts as many model servers, each with two ports.",
        ),
        source(
            "tfs-variables-refused",
            "SAGEMAKER_TFS_ENABLE_BATCHING is true or false, and the range has enough ports; "
            "anything else ends the start.",
        ),
        source(
            "tfs-batching-file",
            "SAGEMAKER_TFS_ENABLE_BATCHING gives the model server a file of SAGEMAKER_TFS_"
            "MAX_BATCH_SIZE (8), _BATCH_TIMEOUT_MICROS (1000), _NUM_BATCH_THREADS (CPUs) and "
            "_MAX_ENQUEUED_BATCHES (CPUs).",
        ),
        source(
            "tfs-library-first",
            "code/lib is on the path of the handlers, and requirements.txt is then ignored.",
        ),
        source("tfs-requirements", "Without it, code/requirements.txt is installed."),
        source(
            "tfs-gunicorn-workers",
            "SAGEMAKER_GUNICORN_WORKERS says how many workers run the handlers; it is 1.",
        ),
        source("tfs-restart", "A model server or gunicorn that ends is started again by itself."),
    ),
)
FRONT = Section(
    "The TensorFlow inference container: a model without code",
    (
        ran(
            "tfs-front-types",
            "It takes application/json, application/jsonlines, application/jsons and text/csv.",
        ),
        ran(
            "tfs-front-parameters",
            "Parameters such as `; charset=utf-8` are stripped by 2.20; before, they were another "
            "type.",
        ),
        ran("tfs-front-unsupported", "Any other type is a 415 with JSON."),
        ran(
            "tfs-front-wraps",
            'What has no "instances", "inputs" or "examples" is wrapped into `{"instances": ...}`.',
        ),
        source(
            "tfs-front-csv",
            "Lines of CSV become instances: numbers as they are, other fields as texts.",
        ),
        source(
            "tfs-front-accept",
            "Who accepts JSON by name gets it on one line; others as the model server wrote it.",
        ),
        source(
            "tfs-attributes",
            "Custom attributes tfs-model-name, tfs-model-version and tfs-method choose what is "
            "asked; 2.20 refuses those that could not be in a path with a 400.",
        ),
        source(
            "tfs-ping",
            "/ping is 200 while the model is available, 502 otherwise; with code it is always 200.",
        ),
        ran("tfs-execution-parameters", "/execution-parameters and other paths are 404."),
    ),
)
HANDLERS = Section(
    "The TensorFlow inference container: a model with code",
    (
        source("tfs-handlers-one", "`handler(data, context)` answers alone."),
        source(
            "tfs-handlers-two",
            "Otherwise `input_handler(data, context)` makes the request and "
            "`output_handler(response, context)` the answer.",
        ),
        source("tfs-handlers-missing", "A script with neither never serves."),
        source(
            "tfs-handlers-none",
            "Code without inference.py passes requests on as they are; 2.20 refuses other types "
            "than those of the front, parameters aside.",
        ),
        ran(
            "tfs-handlers-nothing-done",
            "With handlers nothing is wrapped, no parameter stripped and no type refused.",
        ),
        source(
            "tfs-handlers-context",
            "The context has model_name, model_version, method, rest_uri, grpc_port, channel, "
            "custom_attributes, request_content_type, accept_header and content_length; in 2.20 "
            "timeout too.",
        ),
        ran(
            "tfs-handlers-exception",
            'What a handler raises is a 500 with `{"error": str(exception)}`.',
        ),
        source(
            "tfs-handlers-http-error",
            "A falcon.HTTPError of a handler is its status in 2.20, and that 500 before.",
        ),
        ran(
            "tfs-handlers-new-errors",
            "2.20 raises an answer of the model server that is no 200 as an HTTPError, before "
            "output_handler.",
        ),
        ran(
            "tfs-handlers-old-errors",
            "Until 2.19 output_handler is given such an answer.",
        ),
        ran(
            "tfs-handlers-empty-error",
            "With `Accept: text/csv` the body of an HTTPError is empty.",
        ),
        ran(
            "tfs-handlers-accept-echo",
            "A handler that answers context.accept_header may answer the type `*/*`.",
        ),
        source(
            "tfs-no-tensorflow-for-handlers",
            "Handlers cannot import TensorFlow: the image has the model server only.",
        ),
    ),
)
MODEL_SERVER = Section(
    "TensorFlow Serving's REST API",
    (
        source("tfs-status", "GET /v1/models/NAME lists the versions and their states."),
        source("tfs-metadata", "GET /v1/models/NAME/metadata describes the signatures."),
        source("tfs-rows", '"instances" are rows, of plain values or of named inputs.'),
        source("tfs-columns", '"inputs" are columns, answered by "outputs".'),
        source("tfs-single-output", "One output has no name in the answer, several have theirs."),
        source(
            "tfs-strings",
            'Strings may be `{"b64": ...}`; outputs named ..._bytes leave so.',
        ),
        source(
            "tfs-strict-types",
            "Whole numbers are due where the model wants them; floats take any number that fits, "
            "NaN too; null, texts and truth values are no numbers.",
        ),
        source(
            "tfs-error-texts",
            'Errors are 400 or 404 with `{"error": text}`: no values, unknown model, version, '
            "signature or input, lists of several lengths, broken JSON.",
        ),
        source(
            "tfs-float-texts",
            "Floats are written with six digits, or nine where six would be another float.",
        ),
        source(
            "tfs-batching-joins",
            "With batching, concurrent requests run together until the batch is full or its "
            "timeout has passed.",
        ),
        source(
            "tfs-batching-limits",
            "A request larger than a batch is refused, and so are requests that meet in one batch "
            "and differ in width.",
        ),
    ),
)
NOT_SERVED = Section(
    "The TensorFlow inference container: what the local AWS does otherwise, or not at all",
    (
        ours(
            "tfs-not-grpc",
            "The stand-in opens no gRPC port; context.channel says so when it is used.",
        ),
        ours(
            "tfs-not-without-tensorflow",
            "The stand-in runs models in TensorFlow's Python package: without it the endpoint "
            "fails and says how to install it.",
        ),
        ours(
            "tfs-not-own-program",
            "Where a `tensorflow_model_server` is on the path, it serves instead of the stand-in.",
        ),
        documented(
            "tfs-not-nginx",
            "nginx stands in front of both, and writes a line for each request.",
            untested="there is no nginx here; its JavaScript's answers are those of the front",
        ),
        source(
            "tfs-not-classify",
            "classify and regress: refused with the model server's own text where the signature is "
            "for predict, by name otherwise.",
            untested="TensorFlow 2 writes signatures for predict only; their refusal is among the "
            "error texts",
        ),
    ),
)
SECTIONS = (STARTING, FRONT, HANDLERS, MODEL_SERVER, NOT_SERVED)
