"""View models of list items: payloads rendered as text. Pure."""
