"""The left column: conversations by section, search results, own name at the foot."""
