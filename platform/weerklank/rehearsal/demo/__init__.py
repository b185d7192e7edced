"""A year of invented complaints, to look around in: `demo.yaml` beside a policy, played through `act`."""
