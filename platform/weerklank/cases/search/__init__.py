"""Finding cases by words, without an index that anybody could read: words are kept as keyed tokens only."""
