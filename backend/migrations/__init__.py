"""Alembic's environment; the store migrates itself when it is opened."""
