"""The usual way of doing what the project does, written anew to be measured beside it."""
