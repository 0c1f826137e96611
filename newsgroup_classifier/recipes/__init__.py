"""The recipes: one module per recipe or family, which the catalogue discovers.

Every command reads every recipe, so a module imports heavy libraries in its builders, not at the
top. Classes of our own that end up in an artifact live in newsgroup_classifier/estimators.
"""
