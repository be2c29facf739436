"""The addresses of second factors, below /admin/second-factor/."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.urls import URLPattern, path

from signatures.admin import lost_factor, own_factors, passkeys, second_factor_login, second_factor_set_up

Guard = Callable[..., Any]


def factor_urls(half_way: Guard, let_in: Guard) -> list[URLPattern]:
    """Return the addresses.

    :param half_way: wraps pages that check themselves how far somebody has come
    :param let_in: guards the pages of the desk
    """
    return [
        path("", half_way(second_factor_login.second_factor), name="second_factor"),
        path("password/", half_way(second_factor_login.password_again), name="second_factor_password"),
        path("set-up/", half_way(second_factor_set_up.set_up), name="second_factor_set_up"),
        path("set-up/qr.png", half_way(second_factor_set_up.qr), name="second_factor_qr"),
        path("mine/", half_way(own_factors.second_factors), name="second_factors"),
        path("codes/", half_way(own_factors.recovery_codes), name="recovery_codes"),
        path("remove/<str:kind>/<int:pk>/", half_way(own_factors.remove), name="second_factor_remove"),
        path("of/<int:pk>/", let_in(lost_factor.remove_of), name="second_factor_remove_of"),
        path("passkey/add/begin/", half_way(passkeys.add_begin), name="passkey_add_begin"),
        path("passkey/add/complete/", half_way(passkeys.add_complete), name="passkey_add_complete"),
        path("passkey/begin/", half_way(passkeys.show_begin), name="passkey_begin"),
        path("passkey/complete/", half_way(passkeys.show_complete), name="passkey_complete"),
    ]
