"""The window: models, delegates, dialogs, theme. Knows `app.core` types and the bridge, nothing below."""
