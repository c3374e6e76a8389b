"""Dialogs and pages around the conversation: set-up, add a device, people, groups, settings.

All take `(look, backend, …, language, parent, …)`, talk to nothing but the backend, and are told events by
`handle(event)`:

- `setup.SetupPage(look, backend, language, parent=None)`: first start; signals `finished()`, `cancelled()`
- `add_device.AddDevice(look, backend, language, parent=None, *, person: PersonRow | None, asked: PairingAsked | None)`
- `people.PeopleDialog(look, backend, language, parent=None, person: PersonId | None)`; signals
  `write_wanted(PersonId)`, `device_wanted(PersonId)`
- `group.NewGroup(look, backend, people: list[PersonRow], language, parent=None)`; signal `created(ConversationId)`
- `group.ManageGroup(look, backend, conversation, people: list[PersonRow], language, parent=None)`
- `settings.SettingsDialog(look, backend, preferences, language, parent=None, *, status: Status)`; signal `changed()`
  after each preference that the window has to follow (theme, text size, language, tray)
"""
