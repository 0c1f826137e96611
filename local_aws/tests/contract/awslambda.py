"""The contract of Lambda and its runtime."""

from local_aws.tests.contract.observation import Section, documented, ours, ran

_FUNCTIONS = Section(
    "Lambda: functions, versions, and aliases",
    (
        documented(
            "lambda-states",
            "A new function is Pending until its code is unpacked, and can be neither called nor "
            "changed until then. During an update, calls use the previous version.",
        ),
        documented(
            "lambda-corrupt-code",
            "A corrupt zip makes a new function Failed; an updated one keeps its code.",
        ),
        documented("lambda-defaults", "Defaults are 3 s, 128 MB, and the log /aws/lambda/NAME."),
        documented(
            "lambda-limits",
            "Limits are 250 MB of unzipped code, 900 s, 10,240 MB, and 4 KB of variables.",
        ),
        documented("lambda-role", "The role must exist and trust lambda.amazonaws.com."),
        documented("lambda-revision", "A change with an older RevisionId fails with 412."),
        documented(
            "lambda-versions",
            "A version never changes. PublishVersion returns the newest version if code and "
            "configuration are the same; the function's description is part of these.",
        ),
        documented("lambda-aliases", "An alias can move; its version cannot be deleted."),
        documented("lambda-arns", "A function is found by its name, its ARN, or a partial ARN."),
        ours(
            "not-lambda-members",
            "Layers, VPCs, images, keys, SnapStart, dead letters, alias weights, and operations "
            "that are not reproduced are refused by name.",
        ),
        ours("not-lambda-machines", "Any other runtime or architecture is refused by name."),
    ),
)
_RUNTIME = Section(
    "Lambda: the execution environment",
    (
        documented(
            "lambda-environments",
            "Each concurrent call has an execution environment of its own, which is reused while "
            "warm and ends when idle (here after 5 minutes).",
        ),
        documented(
            "lambda-variables",
            "A function has the variables of AWS and of its configuration; here also "
            "AWS_ENDPOINT_URL, and none of the machine.",
        ),
        documented("lambda-packages", "It finds its code, boto3, and no other package."),
        documented("lambda-folders", "Its code is read-only; its /tmp stays between calls."),
        documented(
            "lambda-credentials",
            "It has the credentials of its role, and every call with them is checked against the "
            "role's policies. An explicit deny wins.",
        ),
        documented(
            "lambda-init",
            "An init that fails or takes more than 10 s is repeated within the first event.",
        ),
        ran(
            "lambda-init-errors",
            "Errors of an init are Runtime.ImportModuleError, Runtime.UserCodeSyntaxError, "
            "Runtime.HandlerNotFound, or the type of the exception.",
        ),
        documented("lambda-timeout", "A function that exceeds its Timeout is killed."),
        documented(
            "lambda-memory",
            "A function that exceeds its MemorySize is killed with Runtime.OutOfMemory. Here this "
            "counts the resident memory with all child processes, and sets no share of the CPU.",
        ),
        documented("lambda-exit", "A process that exits during a call is a Runtime.ExitError."),
        documented(
            "lambda-log",
            "The log has START, END, and REPORT around the function's own lines, and INIT_START "
            "and Init Duration for a cold start.",
        ),
        documented("lambda-json-log", "With the LogFormat JSON, all of these lines are JSON."),
        ours("lambda-local-shutdown", "Stopping the local AWS leaves no process of a function."),
    ),
)
_CALLS = Section(
    "Lambda: invocation",
    (
        ran(
            "lambda-errors",
            "An exception returns status 200, the header X-Amz-Function-Error, and errorType, "
            "errorMessage, and stackTrace; the process continues.",
        ),
        documented("lambda-payload-limits", "6 MB per payload and result, 1 MB if asynchronous."),
        documented("lambda-log-tail", "LogType Tail returns the last 4 KB of the log."),
        documented("lambda-dry-run", "DryRun checks the function without calling it."),
        documented(
            "lambda-async",
            "A failing asynchronous call is tried three times, after 1 and 2 minutes, and dropped. "
            "A throttled one waits for up to six hours.",
        ),
        documented(
            "lambda-concurrency",
            "Calls beyond the reserved concurrency, or beyond that of the account, get 429 with a "
            "Reason. At least 100 calls remain unreserved.",
        ),
        documented(
            "lambda-policies",
            "A service needs a permission for exactly the function or alias that it calls.",
        ),
    ),
)
SECTIONS = (_FUNCTIONS, _RUNTIME, _CALLS)
