"""The sign-in library's views that we use, by name; the others are not reachable."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.urls import path

from openoh.pages.account import employer
from openoh.pages.account.codes import ask_for_code, type_code
from openoh.pages.account.second_step import add_passkey, own, removing, set_up_app

urlpatterns = [
    path("sign-in", ask_for_code, name="account_login"),
    path("sign-in/code", ask_for_code, name="account_request_login_code"),
    path("sign-in/confirm", type_code, name="account_confirm_login_code"),
    path("sign-in/inactive", account.account_inactive, name="account_inactive"),
    path("sign-in/again", own(account.reauthenticate), name="account_reauthenticate"),
    path("sign-in/closed", account.account_inactive, name="account_signup"),
    path("sign-in/passkey", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("sign-in/employer", employer.go, name="employer_go"),
    path("sign-in/employer/return", employer.come_back, name="employer_come_back"),
    path("two-step", own(mfa.index), name="mfa_index"),
    path("two-step/check", mfa.authenticate, name="mfa_authenticate"),
    path("two-step/again", own(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("two-step/again/passkey", own(passkeys.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("two-step/app", set_up_app, name="mfa_activate_totp"),
    path("two-step/app/remove", removing(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("two-step/passkey", add_passkey, name="mfa_add_webauthn"),
    path("two-step/passkeys", own(passkeys.list_webauthn), name="mfa_list_webauthn"),
    path("two-step/passkeys/<int:pk>/remove", removing(passkeys.remove_webauthn), name="mfa_remove_webauthn"),
    path("two-step/codes", own(recovery.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("two-step/codes/new", own(recovery.generate_recovery_codes), name="mfa_generate_recovery_codes"),
]
