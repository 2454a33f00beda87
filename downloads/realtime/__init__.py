"""WebSockets: routing, handshake, consumers."""
