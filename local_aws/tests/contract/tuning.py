"""Hyperparameter tuning jobs: what they start, how they choose, when they end."""

from local_aws.tests.contract.observation import Section, documented, in_examples, ours

TUNING = Section(
    "A hyperparameter tuning job",
    (
        in_examples(
            "tuning-job-names",
            "Its training jobs are named NAME-001-xxxxxxxx, numbers in order and eight hex digits, "
            "and have its TuningJobArn.",
        ),
        in_examples(
            "tuning-objective-hyperparameter",
            "Each gets the hyperparameter _tuning_objective_metric, which the launcher keeps from "
            "the script.",
        ),
        documented("tuning-tags", "The tags of the tuning job are its training jobs', too."),
        documented(
            "tuning-metric-required",
            "An objective that is not among the metric definitions is refused.",
        ),
        documented(
            "tuning-limits",
            "MaxParallelTrainingJobs run at once, MaxNumberOfTrainingJobs in all.",
        ),
        documented(
            "tuning-grid",
            "Grid tries every combination of categorical ranges, takes no other ranges, and "
            "MaxNumberOfTrainingJobs is left out or the number of combinations.",
        ),
        documented(
            "tuning-strategies",
            "Random draws each candidate by itself; Bayesian learns from those before. AWS does "
            "not say how; here a Gaussian process chooses by expected improvement.",
        ),
        documented(
            "tuning-scaling",
            "Scales are Linear, Logarithmic (above 0), ReverseLogarithmic (from 0 to below 1, "
            "continuous) and Auto, which AWS chooses (here: logarithmic from 1 to 1,000 on).",
        ),
        documented(
            "tuning-failed-trial",
            "A training job that fails or logs no objective has the ObjectiveStatus Failed, and "
            "the tuning job goes on.",
        ),
        in_examples(
            "tuning-all-failed",
            "It fails when no training job has succeeded after 5 attempts, and says so.",
        ),
        in_examples(
            "tuning-no-metric",
            "It fails when training jobs complete and none has logged the objective.",
        ),
        documented(
            "tuning-ranking",
            "Its training jobs are listed by name, time, status or final objective; the last lists "
            "those alone that have one.",
        ),
        documented(
            "tuning-early-stopping",
            "Auto stops a training job whose objective is worse than the median of the running "
            "averages, up to the same epoch, of those before it.",
        ),
        documented(
            "tuning-runtime",
            "MaxRuntimeInSeconds ends it. Here what still runs is stopped, and it is Completed.",
        ),
        documented("tuning-target", "TargetObjectiveMetricValue ends it, once reached."),
        documented(
            "tuning-not-improving",
            "BestObjectiveNotImproving ends it after so many training jobs that improve less than "
            "1 %.",
        ),
        documented(
            "tuning-warm-start",
            "A warm start knows what its parents tried; with identical data the best of all is "
            "OverallBestTrainingJob. It is not recursive.",
        ),
        documented(
            "tuning-warm-start-restrictions",
            "Parents have ended, and have the same objective, as many hyperparameters, of the same "
            "kinds; at most 10 changes of values that are static now.",
        ),
        documented(
            "tuning-stop", "StopHyperParameterTuningJob stops its training jobs; the best is kept."
        ),
        ours(
            "tuning-refusals",
            "Hyperband, autotune, convergence and retries are refused by name; so are more than "
            "ten instances at once.",
        ),
        ours("tuning-local-shutdown", "Stopping the local AWS leaves no training job behind."),
    ),
)
SECTIONS = (TUNING,)
