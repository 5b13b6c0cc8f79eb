"""Sign-in by one-time code, passkey, authenticator or the employer's own sign-in: the library's views, our pages."""
