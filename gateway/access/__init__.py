"""Who may come in, and what may they do: users, roles, second factors, sessions and tokens."""
