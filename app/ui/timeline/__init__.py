"""The conversation: rows loaded by key (`feed`), as a model, laid out once per width (`layout`), painted, selected."""
