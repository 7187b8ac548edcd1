"""Tables beside the main one, of protocols of their own: zero-shot, and synthetic users."""
