"""The contract of hyperparameter tuning jobs."""

from local_aws.tests.contract.observation import Section, documented, in_examples, ours

TUNING = Section(
    "A hyperparameter tuning job",
    (
        in_examples(
            "tuning-job-names",
            "Its training jobs are named NAME-001-xxxxxxxx, with consecutive numbers and eight "
            "hex digits, and have its TuningJobArn.",
        ),
        in_examples(
            "tuning-objective-hyperparameter",
            "Each gets the hyperparameter _tuning_objective_metric, which the launcher does "
            "not pass to the script.",
        ),
        documented("tuning-tags", "The training jobs have the tags of the tuning job."),
        documented(
            "tuning-metric-required",
            "An objective that is not in the metric definitions is refused.",
        ),
        documented(
            "tuning-limits",
            "MaxParallelTrainingJobs limits the concurrent jobs, and MaxNumberOfTrainingJobs "
            "their total.",
        ),
        documented(
            "tuning-grid",
            "Grid tries every combination of categorical ranges and accepts no other ranges. "
            "MaxNumberOfTrainingJobs must be absent or equal to the number of combinations.",
        ),
        documented(
            "tuning-strategies",
            "Random draws each candidate independently; Bayesian learns from earlier ones. AWS "
            "does not document how; here, a Gaussian process chooses by expected improvement.",
        ),
        documented(
            "tuning-scaling",
            "Scales are Linear, Logarithmic (above 0), ReverseLogarithmic (from 0 to below 1, "
            "continuous), and Auto, for which AWS chooses (here, logarithmic if the range "
            "spans a factor of 1,000).",
        ),
        documented(
            "tuning-failed-trial",
            "A training job that fails or logs no objective has the ObjectiveStatus Failed, "
            "and the tuning job continues.",
        ),
        in_examples(
            "tuning-all-failed",
            "The tuning job fails, with a message, if no training job has succeeded after 5 "
            "attempts.",
        ),
        in_examples(
            "tuning-no-metric",
            "The tuning job fails if training jobs complete but none has logged the objective.",
        ),
        documented(
            "tuning-ranking",
            "Its training jobs can be sorted by name, time, status, or final objective; the "
            "last lists only jobs that have one.",
        ),
        documented(
            "tuning-early-stopping",
            "Auto stops a training job whose objective is worse than the median of the earlier "
            "jobs' running averages up to the same epoch.",
        ),
        documented(
            "tuning-runtime",
            "MaxRuntimeInSeconds ends the tuning job. Here, running training jobs are stopped, "
            "and the tuning job is Completed.",
        ),
        documented(
            "tuning-target", "TargetObjectiveMetricValue ends the tuning job when a job reaches it."
        ),
        documented(
            "tuning-not-improving",
            "BestObjectiveNotImproving ends the tuning job after that number of training jobs "
            "that improve by less than 1%.",
        ),
        documented(
            "tuning-warm-start",
            "A warm start uses the results of its parents. With identical data, the best job "
            "of all is the OverallBestTrainingJob. Parents of parents do not count.",
        ),
        documented(
            "tuning-warm-start-restrictions",
            "Parents must have ended, with the same objective and the same number and kinds of "
            "hyperparameters. At most 10 hyperparameters may change between static and tunable.",
        ),
        documented(
            "tuning-stop",
            "StopHyperParameterTuningJob stops the training jobs; the best one is kept.",
        ),
        ours(
            "tuning-refusals",
            "Hyperband, autotune, convergence detection, and retries are refused by name, as "
            "are more than ten concurrent instances.",
        ),
        ours("tuning-local-shutdown", "Stopping the local AWS leaves no training job running."),
    ),
)
SECTIONS = (TUNING,)
