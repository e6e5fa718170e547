"""Addresses of playbooks."""

app_name = "playbooks"
urlpatterns: list[object] = []
