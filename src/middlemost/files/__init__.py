"""Formats on disk: what comes in, and what leaves."""
