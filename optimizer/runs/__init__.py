"""Finished runs on disk: a folder that appears complete or not at all, with a manifest."""
