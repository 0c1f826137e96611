"""The recipes, one module per recipe or family, and the catalogue that discovers them."""
