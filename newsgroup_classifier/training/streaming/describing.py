"""Show what a job learned from a stream: the plots, and a report without texts."""

from collections import Counter

from newsgroup_classifier.evaluation.report.evidence import Evidence
from newsgroup_classifier.shared_hyperparameters import NO, NO_TEXTS
from newsgroup_classifier.text.tokens import cloud_words
from newsgroup_classifier.training.arguments import Arguments
from newsgroup_classifier.training.output import WORD_CLOUD, write_plots
from newsgroup_classifier.training.reporting import write_report
from newsgroup_classifier.training.scikit_learn.fitting import TrainingResult


def describe_stream(result: TrainingResult, labels: Counter[int], arguments: Arguments) -> None:
    """Write the plots and the report into the output data folder.

    `labels` are the numbers of train texts per label. The job does not keep the texts themselves.
    """
    folder = arguments.paths.output_data
    words = cloud_words(result.token_counts) if arguments.report != NO_TEXTS else {}
    plots = write_plots(result.scores, labels, words, folder)
    if arguments.report != NO:
        cloud = (folder / WORD_CLOUD).read_bytes() if WORD_CLOUD in plots else b""
        write_report(Evidence(result.scores, labels, cloud=cloud), arguments)
