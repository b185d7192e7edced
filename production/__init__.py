"""The production shape on this machine alone, without containers: what docker-compose.yml says, started natively."""
