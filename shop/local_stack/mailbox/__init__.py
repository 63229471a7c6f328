"""The mail catcher: takes every mail over SMTP, shows it in a page, delivers nothing."""
