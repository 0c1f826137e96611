"""Clean and train as the tutorials do: data frames, a stop-word list, regular expressions, NLTK.

python -m benchmarks.baseline.newsgroups FILE   (benchmarks/training.py starts it)
"""

import json
import os
import re
import sys
import time
from typing import Any

import nltk
import pandas as pd
from nltk import tokenize
from scipy.sparse import save_npz
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.naive_bayes import MultinomialNB

from newsgroup_classifier.datasets.newsgroups import load_newsgroups
from newsgroup_classifier.text.cleaning import stop_words


def clean_frame(posts: list[str], stop_list: list[str]) -> pd.DataFrame:
    """Return the cleaned texts and, as in the tutorial, a column with their tokens."""
    frame = clean_texts(posts, stop_list)
    frame["data_tokens"] = frame.data.apply(tokenize.word_tokenize)
    return frame


def clean_texts(posts: list[str], stop_list: list[str]) -> pd.DataFrame:
    """Return only the cleaned texts."""

    def without_stop_words(text: str) -> str:
        result = ""
        for word in text.split(" "):
            if word not in stop_list:
                result += word
                result += " "
        return re.sub(r"[\w\.-]+@[\w\.-]+", " ", result)

    frame = pd.DataFrame(
        {"data": ["\n".join(filter(lambda x: x != "", post.split("\n")[5:])) for post in posts]}
    )
    frame["data"] = frame.data.apply(lambda text: text.strip().lower())
    frame["data"] = frame.data.apply(lambda text: re.sub(r"[^a-zA-Z]", " ", text))
    frame["data"] = frame.data.apply(without_stop_words)
    return frame


def main() -> None:
    """Print the seconds of cleaning and training, without loading; save the matrix."""
    nltk.data.path.append(f"{os.environ['DATASETS_DIR']}/nltk_data")
    tokenize.word_tokenize("loads the tokenizer")
    dataset = load_newsgroups()
    train, test = dataset.train["data"].tolist(), dataset.test["data"].tolist()
    stop_list = sorted(stop_words())
    began = time.perf_counter()
    train_frame, test_frame = clean_frame(train, stop_list), clean_frame(test, stop_list)
    vectorizer = TfidfVectorizer()
    matrix: Any = vectorizer.fit_transform(train_frame.data.values)
    MultinomialNB(alpha=0.01).fit(matrix, dataset.train["label"])
    vectorizer.transform(test_frame.data)
    seconds = time.perf_counter() - began
    save_npz(sys.argv[1], matrix)
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main()
