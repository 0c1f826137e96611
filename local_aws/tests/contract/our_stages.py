"""What a caller of our own stages never meets, though the containers do it."""

from local_aws.tests.contract.observation import Section, ours

SECTIONS = (
    Section(
        "Our stages",
        (
            ours("stages-charset", "Parameters such as `; charset=utf-8` change nothing."),
            ours("stages-one-row", "One row of CSV is one text, and one prediction."),
            ours("stages-accept", "Any Accept, a list or a wildcard, gets the best of our types."),
            ours("stages-wordless", "A text of which cleaning leaves nothing is scored."),
            ours(
                "stages-error",
                "A refused request is a 4xx with a reason in JSON, never the HTML page.",
            ),
            ours("stages-error-code", "An unknown content type is a 415, a bad Accept a 406."),
            ours("stages-empty", "A blank body is a 400 with a reason."),
            ours("stages-response-type", "Every answer of a stage names its content type itself."),
            ours(
                "stages-handover",
                "Features of more than 5 MB are a 413 that says to send fewer texts.",
            ),
            ours(
                "stages-fault",
                "A fault of ours is a 500 in JSON that quotes neither the text nor a trace.",
            ),
            ours("stages-program", "Each stage is named by module, without a slash."),
            ours(
                "stages-functions",
                "Each stage defines all four functions, so that no default is met.",
            ),
            ours(
                "stages-image",
                "A stage imports nothing that its image lacks.",
            ),
            ours(
                "training-failure",
                "A training job that cannot succeed fails with one plain sentence of its own.",
            ),
            ours(
                "training-arguments",
                "Training takes hyperparameters in the spelling of either launcher.",
            ),
        ),
    ),
)
