"""Pure functions of texts, and the encoders and transformers that use them."""
