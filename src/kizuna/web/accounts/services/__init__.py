"""What may be done here: each checks the permission, changes, and records, in one transaction."""

from kizuna.web.accounts.services.trail import audit

__all__ = ["audit"]
