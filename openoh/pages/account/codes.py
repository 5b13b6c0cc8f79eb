"""Asking for a one-time code, when the carrier takes it and when it does not; and typing it, a few times only."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from openoh.foundation.accounts.employer_sign_in import is_offered
from openoh.foundation.notifications.carriers import NotCarriedError
from openoh.foundation.organisations.queries import telephones
from openoh.pages.gate import public
from openoh.pages.render import render


class AskForCode(RequestLoginCodeView):  # type: ignore[misc]  # the library has no types
    """The library's view. Known and unknown addresses are both written to, so both fail in the same way."""

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        shown: dict[str, Any] = super().get_context_data(**context)
        return shown | {
            "employer": settings.OIDC_NAME if is_offered() else "",
            "next": self.request.GET.get("next"),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)
        except NotCarriedError:
            return _not_sent(self.request, form.cleaned_data["email"])
        return response


class TypeCode(ConfirmLoginCodeView):  # type: ignore[misc]  # the library has no types
    """The library's view counts wrong codes in the session; many tries at the same moment all find the count low."""

    def post(self, request: HttpRequest, *arguments: Any, **parts: Any) -> HttpResponse:
        if ratelimit.consume(request, action="confirm_login_code", key=request.session.session_key):
            answer: HttpResponse = super().post(request, *arguments, **parts)
            return answer
        self._process.abort()
        adapter = get_adapter(request)
        adapter.add_message(
            request, messages.ERROR, message=adapter.error_messages["too_many_login_attempts"]
        )
        return redirect("account_login")


def _not_sent(request: HttpRequest, email: str) -> HttpResponse:
    """What to do now, with what was typed; the carrier's own words are in the log."""
    return render(
        request, "account/code_not_sent.jinja", status=HTTPStatus.SERVICE_UNAVAILABLE,
        title="We could not send your code", email=email, following=request.POST.get("next", ""),
        services=telephones(),
    )  # fmt: skip


type_code = public("everybody must be able to type their code")(TypeCode.as_view())
ask_for_code = public("everybody must be able to ask for a code")(AskForCode.as_view())
