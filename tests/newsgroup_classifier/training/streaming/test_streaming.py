"""Training on a stream gives the same model as training on all texts at once."""

import json
import os
import string
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer

from newsgroup_classifier import artifacts
from newsgroup_classifier.channels import batches as channel_batches
from newsgroup_classifier.channels.texts import TEST_FILE, TRAIN_FILE, read_channel
from newsgroup_classifier.errors import DataError, HyperparameterError
from newsgroup_classifier.evaluation.metrics import classification_metrics
from newsgroup_classifier.recipes.catalogue import find_recipe
from newsgroup_classifier.text.cleaning import clean_posts
from newsgroup_classifier.training import train_sklearn
from newsgroup_classifier.training.arguments import parse_args
from newsgroup_classifier.training.scikit_learn.fitting import train
from newsgroup_classifier.training.streaming import job as streaming_job
from newsgroup_classifier.training.streaming.job import evaluate, train_stream
from newsgroup_classifier.training.streaming.passes import BoundedCounts, learner_of

NAME = "newsgroups-naive-bayes"
HEADER = "data,data_subject,label_names,label\n"
LINES = "a\nb\nc\nd\ne\n"  # a header, which cleaning drops


@pytest.fixture
def small_batches(monkeypatch):
    """Make batches and blocks so small that there are many of them in the sample."""
    monkeypatch.setattr(channel_batches, "_BATCH_CHARACTERS", 20_000)
    monkeypatch.setattr(streaming_job, "_BLOCK_VALUES", 2_000)


def arguments(channels, *flags):
    folders = ["--train", str(channels / "train"), "--test", str(channels / "test")]
    return parse_args(["--recipe", NAME, "--reading", "stream", *folders, *flags], {})


def trained_whole(channels, *flags):
    values = arguments(channels, *flags).hyperparameters
    train_set = read_channel(channels / "train" / TRAIN_FILE)
    return train(find_recipe(NAME), values, train_set, read_channel(channels / "test" / TEST_FILE))


@pytest.mark.parametrize("features", ["vocabulary", "hashed"])
def test_train_stream_gives_the_model_of_all_texts_at_once(
    sample_channels, small_batches, features
):
    flags = ("--features", features, "--alpha", "0.1")
    streamed = train_stream(arguments(sample_channels, *flags))[0]
    whole = trained_whole(sample_channels, *flags)
    assert streamed.metrics == whole.metrics
    assert streamed.token_counts == whole.token_counts
    texts = read_channel(sample_channels / "test" / TEST_FILE).texts
    assert (streamed.pipeline.predict(texts) == whole.pipeline.predict(texts)).all()
    expected = whole.pipeline.predict_proba(texts)
    assert np.abs(streamed.pipeline.predict_proba(texts) - expected).max() < 1e-12
    assert [name for name, _ in streamed.pipeline.steps] == [n for n, _ in whole.pipeline.steps]


def test_train_stream_with_a_short_test_channel_returns_all_scores(sample_channels, small_batches):
    streamed = train_stream(arguments(sample_channels))[0].scores
    whole = trained_whole(sample_channels).scores
    assert list(streamed.labels) == whole.labels
    assert list(streamed.predicted) == list(whole.predicted)
    assert np.abs(streamed.probabilities - whole.probabilities).max() < 1e-12


@pytest.mark.slow
def test_train_stream_of_the_real_posts_gives_the_model_of_all_at_once(
    real_dataset, real_training, tmp_path
):
    from tests.newsgroup_classifier.conftest import write_channels

    channels = write_channels(real_dataset, tmp_path)
    streamed = train_stream(arguments(channels))[0]
    assert streamed.metrics == real_training.metrics
    texts = list(real_dataset.test["data"])
    expected = real_training.pipeline.predict_proba(texts)
    assert np.abs(streamed.pipeline.predict_proba(texts) - expected).max() < 1e-12
    hashed = train_stream(arguments(channels, "--features", "hashed"))[0]
    assert hashed.metrics["accuracy"] > streamed.metrics["accuracy"] - 0.01


@pytest.mark.slow
def test_program_with_input_mode_pipe_reads_pipes(sample_channels, tmp_path, monkeypatch, capsys):
    for name, passes in (("train", 2), ("test", 2)):
        feed(tmp_path / name, (sample_channels / name / f"{name}.csv").read_bytes(), passes)
        monkeypatch.setenv(f"SM_CHANNEL_{name.upper()}", str(tmp_path / name))
    monkeypatch.setenv("SM_MODEL_DIR", str(tmp_path / "model"))
    monkeypatch.setenv("SM_OUTPUT_DATA_DIR", str(tmp_path / "output" / "data"))
    piped = {name: {"TrainingInputMode": "Pipe"} for name in ("train", "test")}
    monkeypatch.setenv("SM_INPUT_DATA_CONFIG", json.dumps(piped))
    assert train_sklearn.main(["--recipe", NAME, "--reading", "stream"]) == 0
    manifest = artifacts.load_manifest(tmp_path / "model")
    assert manifest.metrics["train_rows"] == 800
    assert manifest.hyperparameters["reading"] == "stream"
    assert sum(line.startswith("plot ") for line in capsys.readouterr().out.splitlines()) == 5


def feed(base, content, passes):
    """Create the pipes of a channel, which a thread fills one after another."""
    pipes = [base.with_name(f"{base.name}_{number}") for number in range(passes)]
    for pipe in pipes:
        os.mkfifo(pipe)
    threading.Thread(target=lambda: [pipe.write_bytes(content) for pipe in pipes]).start()


def test_recipe_that_cannot_stream_refuses_pipes():
    environ = {"SM_INPUT_DATA_CONFIG": '{"train": {"TrainingInputMode": "Pipe"}}'}
    with pytest.raises(HyperparameterError, match="channels train have the input mode Pipe"):
        parse_args(["--recipe", "spooky-ngrams"], environ)


def channels_of(tmp_path, train_rows, test_rows):
    for name, rows in (("train", train_rows), ("test", test_rows)):
        (tmp_path / name).mkdir()
        content = "".join(f'"{LINES}{text}",s,{label},{number}\n' for text, label, number in rows)
        (tmp_path / name / f"{name}.csv").write_text(HEADER + content)
    return tmp_path


ROWS = [("some apples", "fruit", 0), ("fast engines", "cars", 1)]


def test_train_stream_learns_a_label_that_occurs_only_in_the_last_row(tmp_path, small_batches):
    late = [*ROWS * 500, ("distant planets", "space", 2)]
    channels = channels_of(tmp_path, late, late[-3:])
    result = train_stream(arguments(channels))[0]
    assert result.scores.label_names == ("fruit", "cars", "space")
    assert result.pipeline.predict([f"{LINES}planets"]) == [2]
    assert result.metrics["accuracy"] == 1


@pytest.mark.parametrize(
    ("train_rows", "test_rows", "message"),
    [
        ([], ROWS, "train.csv has a header but no rows"),
        (ROWS, [], "test.csv has a header but no rows"),
        (ROWS[:1], ROWS[:1], r"only one class \(label 0\)"),
        ([ROWS[0], ("x y", "cars", 2)], ROWS[:1], "no examples of the labels 1;"),
        (ROWS, [("words", "boats", 1)], "test channel has a label name for label 1 that"),
        ([("", "a", 0), ("the", "b", 1)], [("x", "a", 0)], "no words .* after the first 5 lines"),
    ],
)
def test_train_stream_of_invalid_channels_is_refused(tmp_path, train_rows, test_rows, message):
    with pytest.raises(DataError, match=message):
        train_stream(arguments(channels_of(tmp_path, train_rows, test_rows)))


@pytest.mark.parametrize("features", ["vocabulary", "hashed"])
def test_train_stream_without_words_is_refused_with_any_features(tmp_path, features):
    channels = channels_of(tmp_path, [("the", "a", 0), ("of", "b", 1)], [("x", "a", 0)])
    with pytest.raises(DataError, match="no words to learn from"):
        train_stream(arguments(channels, "--features", features))


def test_train_stream_learns_the_most_frequent_terms(tmp_path):
    rows = [(f"common w{'abcdefghij'[n % 10] * 2}{'xyz'[n % 3]}", "ab"[n % 2], n % 2)
            for n in range(3000)]  # fmt: skip
    rare = [(" ".join(first + second for first in string.ascii_lowercase for second in "bcdfghjk"),
             "a", 0)]  # fmt: skip
    channels = channels_of(tmp_path, rows + rare, rows[:2])
    result = train_stream(arguments(channels, "--max_features", "100"))[0]
    terms = result.pipeline.named_steps["tfidf"].vocabulary_
    assert len(terms) == 100
    assert {"common", "waax", "wjjz"} <= set(terms)
    assert list(terms) == sorted(terms)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (TfidfVectorizer(max_df=0.5), "TfidfVectorizer with max_df batch by batch"),
        (TfidfVectorizer(min_df=0.1), "TfidfVectorizer batch by batch"),
        (TfidfVectorizer(vocabulary=["a"], use_idf=False), "with vocabulary, use_idf batch"),
        (TfidfTransformer(smooth_idf=False), "TfidfTransformer with smooth_idf batch by batch"),
        (CountVectorizer(), "CountVectorizer batch by batch"),
    ],
)
def test_step_with_a_parameter_that_streams_do_not_heed_is_refused(step, words):
    with pytest.raises(HyperparameterError, match=words):
        learner_of(step, 1000)


def test_train_stream_with_folds_is_refused(sample_channels):
    with pytest.raises(HyperparameterError, match="folds is 5, which needs all texts in memory"):
        train_stream(arguments(sample_channels, "--folds", "5"))


@given(st.lists(st.sampled_from("abcdef"), max_size=60), st.integers(6, 20))
def test_bounded_counts_within_the_limit_are_exact(terms, limit):
    counts = BoundedCounts(limit)
    counts.update(terms)
    assert counts.counts == {term: terms.count(term) for term in set(terms)}
    assert (counts.total, counts.error) == (len(terms), 0)


@given(st.lists(st.lists(st.integers(0, 400), max_size=80), max_size=12))
def test_bounded_counts_are_too_low_by_at_most_their_error(batches):
    counts, exact = BoundedCounts(32), {}
    for batch in batches:
        counts.update([str(number) for number in batch])
        assert len(counts.counts) <= 32
        for number in batch:
            exact[str(number)] = exact.get(str(number), 0) + 1
    for term, count in exact.items():
        assert count - counts.error <= counts.counts[term] <= count
    assert counts.total == sum(exact.values())


def test_blocks_have_every_row_once_and_in_order(sample):
    from sklearn.feature_extraction.text import CountVectorizer

    rows = CountVectorizer().fit_transform(clean_posts(sample.test["data"]))
    batches = [(rows[n : n + 9], list(range(n, min(n + 9, rows.shape[0])))) for n in
               range(0, rows.shape[0], 9)]  # fmt: skip
    blocks = list(streaming_job.blocks(batches, values=2000))
    assert [n for _, labels in blocks for n in labels] == list(range(rows.shape[0]))
    assert len(blocks) > 3
    assert sum(block.nnz for block, _ in blocks) == rows.nnz


def test_blocks_of_rows_without_values_are_limited():
    batches = [(csr_matrix((100, 5)), [0] * 100)] * 50
    assert [len(labels) for _, labels in streaming_job.blocks(batches, values=1000)] == [1000] * 5


def test_evaluate_samples_rows_but_measures_all_of_them(sample_channels):
    pipeline = trained_whole(sample_channels).pipeline
    path = sample_channels / "test" / TEST_FILE
    channel = read_channel(path)
    batches = channel_batches.read_batches(path, 17)
    metrics, scores = evaluate(pipeline, batches, channel.label_names, sampled=25)
    assert metrics == classification_metrics(channel.labels, pipeline.predict(channel.texts))
    assert len(scores.labels) == len(scores.probabilities) == 25
    rows = pipeline.predict_proba(channel.texts)
    for label, sampled in zip(scores.labels, scores.probabilities, strict=True):
        (number, *_) = np.flatnonzero((np.abs(rows - sampled) < 1e-12).all(axis=1))
        assert channel.labels[number] == label


@pytest.mark.parametrize("reading", ["stream", "whole"])
def test_job_with_a_second_csv_file_in_a_channel_is_refused(tmp_path, capsys, reading):
    for name in ("train", "test"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.csv").write_text(HEADER + "x,s,a,0\ny,s,b,1\n")
    (tmp_path / "test" / "more.csv").write_text(HEADER + "x,s,a,0\n")
    folders = ("--train", str(tmp_path / "train"), "--test", str(tmp_path / "test"))
    flags = ["--recipe", NAME, "--reading", reading, "--model-dir", str(tmp_path / "model")]
    flags += ["--output-data-dir", str(tmp_path / "out"), *folders]
    assert train_sklearn.main(flags) == 1
    error = capsys.readouterr().err
    assert "has CSV files in addition to test.csv that would not be read: more.csv" in error
