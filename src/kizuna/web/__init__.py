"""The application: Django, thin. Requests in, pages out."""
