"""The file of a case made up for somebody: for an outside body, for the archive, for who complained."""
