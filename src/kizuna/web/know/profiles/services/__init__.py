"""What people do to profiles: each checks the permission, changes, and records."""
