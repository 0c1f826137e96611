"""Hints for an unknown name of a hyperparameter, by meaning and by spelling."""

from collections.abc import Mapping

from newsgroup_classifier.errors import did_you_mean, nearest

# One concept per line, in the words of scikit-learn, XGBoost, LightGBM, Keras, and gensim. The
# first line that contains the word applies; the hint is its first name that the recipe has.
_SYNONYMS = [
    line.split()
    for line in """\
c svm_c regularization inverse_regularization reg cost
sgd_alpha alpha l2 reg_lambda weight_decay penalty regularization
alpha smoothing laplace additive_smoothing
max_iter epochs iterations max_iterations n_iter num_iterations passes n_epochs max_epochs steps
n_estimators trees n_trees num_trees
n_estimators max_iter rounds num_rounds num_boost_round iterations
learning_rate lr eta shrinkage step_size learning_rate_init
batch_size batch batchsize mini_batch_size minibatch
max_depth depth levels
max_leaf_nodes leaves num_leaves max_leaves
min_samples_leaf leaf min_leaf min_data_in_leaf min_child_samples
min_samples_split split min_split
min_child_weight leaf_weight min_sum_hessian_in_leaf
subsample max_samples row_share bagging_fraction sample_fraction
colsample_bynode colsample_bytree colsample max_features feature_fraction feature_share
max_features max_tokens num_words max_words vocabulary vocabulary_size vocab_size terms most
min_df min_count min_frequency
n_neighbors neighbors neighbours k num_neighbors
n_components dimensions topics n_topics num_topics dim dims
units hidden hidden_size hidden_units num_units
embedding_dim output_dim embedding_size vector_size hidden dimensions
maxlen length max_length max_len sequence_length output_sequence_length
dropout drop dropout_rate rate
word_ngrams ngrams ngram_range
optimizer solver optim
patience early_stopping early_stopping_rounds n_iter_no_change
min_delta tol tolerance
validation_split validation_share validation_fraction val_split
seed random_state random_seed
folds cv n_splits kfold k_folds cross_validation
candidates n_iter trials max_trials
""".splitlines()
]


def hint(name: str, known: Mapping[str, str]) -> str:
    """Return "; did you mean X?" for an unknown name, or "" if nothing known is similar.

    `known` has the former name, or "", of each known one. A name that differs in case or dashes
    comes first, then one of the same meaning, then one of similar spelling.
    """
    spellings = {_plain(word): new for new, old in known.items() for word in (old, new) if word}
    word = _plain(name)
    alike = [other for line in _SYNONYMS if word in line for other in line if other in spellings]
    matches = [spellings.get(each, "") for each in (word, *alike, nearest(word, spellings))]
    return did_you_mean(next(filter(None, matches), ""))


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")
