"""Training on channels that are read batch by batch, in bounded memory.

job               runs the passes in their order
channel_passes    reads a channel several times, from a file or from pipes
first_pass        collects labels and tokens, and learns features
features          learns a vocabulary, or only document frequencies
bounded_counts    counts terms in bounded memory
teaching          fits the classifier block by block
evaluation        computes the metrics of all test rows, and samples rows for plots
"""
