"""The worker process: jobs of the outbox carried out, the clock's ticks kept. Redis only rings a bell."""
