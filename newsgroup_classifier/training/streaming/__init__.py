"""Training from channels that are read batch by batch, in memory that has a bound.

job               the program: the passes, in their order
channel_passes    a channel that is read several times, from a file or from pipes
first_pass        labels and tokens, and the features' own learning
features          what they learn: a vocabulary, or frequencies alone
bounded_counts    counts of so many terms that they have a bound
teaching          the classifier, block by block
evaluation        metrics of all test rows, pictures of some
"""
