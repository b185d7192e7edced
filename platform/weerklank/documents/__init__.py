"""Files of a case: what is taken in, where it lies sealed, and how it is given back."""
