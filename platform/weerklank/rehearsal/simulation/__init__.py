"""A policy tried on what has happened: past and open cases, or stories, under two versions, and what would change."""
