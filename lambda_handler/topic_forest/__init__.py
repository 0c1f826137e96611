"""Models of the kind "topic-forest": counts of lemmas, their topics, and a forest of trees."""
