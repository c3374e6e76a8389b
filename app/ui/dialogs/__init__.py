"""Dialogs and pages around the conversation: set-up, passphrase, lock, add a device, people, groups, settings."""
