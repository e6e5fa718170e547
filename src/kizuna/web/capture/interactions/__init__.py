"""Contacts with customers: by programs, by signed webhooks, and from mailboxes."""
