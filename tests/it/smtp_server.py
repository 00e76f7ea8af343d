"""A real SMTP server with STARTTLS and AUTH for the tests: each message becomes a file.

Usage: smtp_server.py PORT CERT KEY DIR MODE; MODE is ok, or 451 to refuse every message for now.
"""
import asyncio
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class Handler:
    def __init__(self, folder, mode):
        self.folder, self.mode, self.count = folder, mode, 0

    async def handle_DATA(self, server, session, envelope):
        if self.mode == "451":
            return "451 4.3.0 try again later"
        self.count += 1
        path = f"{self.folder}/{time.time_ns()}-{self.count}.eml"
        with open(path, "wb") as file:
            file.write(envelope.content)
        return "250 2.0.0 accepted"


def authenticate(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"payctl", b"secret-of-tests")
    return AuthResult(success=good, handled=True)


port, cert, key, folder, mode = sys.argv[1:6]
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain(cert, key)
controller = Controller(
    Handler(folder, mode), hostname="127.0.0.1", port=int(port), tls_context=tls, require_starttls=True,
    authenticator=authenticate, auth_required=True, auth_require_tls=True,
)
controller.start()
print("ready", flush=True)
asyncio.new_event_loop().run_forever()
