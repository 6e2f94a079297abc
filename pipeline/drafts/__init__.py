"""Drafts of descriptions of listings."""

# Columns that are written.
DRAFT, REFUSED = "draft", "draft_refused"
