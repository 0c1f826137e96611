"""Studies: what was tried before a recipe's defaults were chosen, measured by cross-validation."""
