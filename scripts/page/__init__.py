"""The server of the playground: the models of an environment, and predictions with them."""
