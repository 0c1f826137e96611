"""Training on channels that are read batch by batch, in bounded memory."""
