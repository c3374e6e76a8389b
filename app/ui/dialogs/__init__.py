"""Dialogs over the main page, and the first start. All close without a trace when the window is locked.

- `setup.SetupPage(look, backend, language, status)`: first start; signals `finished()`, `quit_wanted()`
- `add_device.AddDevice(look, backend, language, parent, *, person: PersonRow | None, asked: PairingAsked | None)`
- `people.PeopleDialog(look, backend, language, parent, person: PersonId | None)`; signals
  `write_wanted(PersonId)`, `device_wanted(PersonId)`
- `group.NewGroup(look, backend, people: list[PersonRow], language, parent)`; signal `created(ConversationId)`
- `group.ManageGroup(look, backend, conversation, people: list[PersonRow], language, parent)`
- `settings.SettingsDialog(look, backend, preferences, language, status, parent)`; signal `changed()` after each
  preference that the window has to follow

Dialogs that follow events have `handle(event)`.
"""
