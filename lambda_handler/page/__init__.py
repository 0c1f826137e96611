"""The page on which people try a model, as files that are sent as one."""
