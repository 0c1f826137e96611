"""Pure functions on texts, and the transformers made of them."""
