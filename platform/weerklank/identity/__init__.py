"""People: who works where, holds which post, is away, may do what, and how they log in."""
