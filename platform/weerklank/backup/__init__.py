"""Back-ups: of everything, of the keys apart, and of one organisation, with the way back from each."""
