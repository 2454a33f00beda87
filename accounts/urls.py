from __future__ import annotations

from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.account, name="account"),
    path("login/", views.SignIn.as_view(), name="login"),
    path("logout/", views.SignOut.as_view(), name="logout"),
    path("signup/", views.sign_up, name="signup"),
    path("password/", views.ChangePassword.as_view(), name="password"),
    path("tokens/", views.create_token, name="create_token"),
    path("tokens/revoke/", views.revoke_token, name="revoke_token"),
]
