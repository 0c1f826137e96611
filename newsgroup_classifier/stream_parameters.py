"""The hyperparameters of recipes that can train from a stream, in memory that has a bound."""

from newsgroup_classifier.hyperparameters import ChoiceParameter, IntParameter, Parameter

READING, STREAM = "reading", "stream"
HASHED = "hashed"
STREAMED: tuple[Parameter, ...] = (
    ChoiceParameter(
        READING, "whole", "the train channel in memory, or batch by batch", ("whole", STREAM)
    ),
    ChoiceParameter(
        "features", "vocabulary", "columns of known terms, or of hashes", ("vocabulary", HASHED)
    ),
    IntParameter(
        "terms", 250_000, "most terms of a streamed vocabulary: those of most texts", 100, 2_000_000
    ),
    IntParameter("hash_bits", 18, "hashed features have 2 to the power of this columns", 8, 22),
)
