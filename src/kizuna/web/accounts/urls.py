"""Addresses of the pages about people."""

from __future__ import annotations

from django.urls import path

from kizuna.web.accounts.views import (
    entry,
    keys,
    organisation,
    people,
    profile,
    reset,
    second_factor,
    trail,
)

app_name = "accounts"

urlpatterns = [
    path("setup/", entry.first_start, name="set_up"),
    path("sign-in/", entry.sign_in, name="sign_in"),
    path("sign-in/code/", entry.code, name="code"),
    path("sign-in/resume/", entry.resume, name="resume"),
    path("sign-in/forgotten/", reset.forgotten, name="forgotten"),
    path("sign-in/new-password/<str:key>/<str:token>/", reset.new_password, name="new_password"),
    path("people/<int:person_id>/reset-link/", reset.reset_link, name="reset_link"),
    path("sign-out/", entry.sign_out, name="sign_out"),
    path("join/<str:token>/", people.join, name="join"),
    path("organisation/", organisation.organisation, name="organisation"),
    path("people/", people.people, name="people"),
    path("people/<int:person_id>/role/", people.change_role, name="change_role"),
    path("people/<int:person_id>/deactivate/", people.deactivate, name="deactivate"),
    path("people/<int:person_id>/reactivate/", people.reactivate, name="reactivate"),
    path("people/invitations/<uuid:invitation_id>/withdraw/", people.withdraw, name="withdraw"),
    path("profile/", profile.profile, name="profile"),
    path("profile/password/", profile.password, name="password"),
    path("profile/second-factor/", second_factor.second_factor, name="second_factor"),
    path("profile/sessions/", profile.sessions, name="sessions"),
    path("profile/sessions/end-others/", profile.end_other_sessions, name="end_other_sessions"),
    path("profile/sessions/end-all/", profile.end_all_sessions, name="end_all_sessions"),
    path("profile/sessions/<str:handle>/end/", profile.end_session, name="end_session"),
    path("profile/keys/", keys.keys, name="keys"),
    path("profile/keys/<int:key_id>/revoke/", keys.revoke, name="revoke_key"),
    path("audit/", trail.audit_log, name="audit"),
    path("audit/verify/", trail.verify, name="verify_audit"),
    path("audit/export.csv", trail.export, name="export_audit"),
]
