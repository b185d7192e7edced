"""What can be done in a case: one module a verb, each pure. The door builds the action, `act` carries it out."""
