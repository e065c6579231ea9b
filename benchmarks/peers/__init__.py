"""The same decode-on-click as plain apps of other frameworks, in an environment of their own."""
