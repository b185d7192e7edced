"""The doctor looks at what should be so, not at what the engine says of itself: a case nobody acknowledged, a message
that never left, a term that guards nothing. It changes nothing but its own list of findings."""
