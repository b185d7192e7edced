"""What every room stands on: settings, ids, errors, the database, keys, events, the outbox, act."""
