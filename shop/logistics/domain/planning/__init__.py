"""Planning truck rounds: a problem in, a checked plan out; nothing here knows a database."""
