"""A real SMTP server and a fake provider of text messages, each as obliging as a test wants it."""

import contextlib
import json
import socket
import threading
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Mailbox:
    """What the SMTP server took, and what it refuses: recipients by their answer."""

    def __init__(self):
        self.mails = []
        self.recipients = []
        self.refuses = {}

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        self.recipients.append(envelope.rcpt_tos)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


def no_entry(_server, _session, _envelope, _mechanism, data):
    """The worst of servers says aloud what it was told."""
    return AuthResult(
        success=False, handled=False, message=f"535 not with {data.password.decode()}"
    )


@contextlib.contextmanager
def smtp_server(mailbox, port, **options):
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


class TextMessages:
    """A provider that takes JSON. `answers` are the next ones: a status, or an event until which it
    hangs, after which it answers 200. Without any it is obliging.
    """

    def __init__(self):
        self.answers = []
        self.taken = []
        self.asked = 0
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                provider.asked += 1
                answer = provider.answers.pop(0) if provider.answers else 200
                if isinstance(answer, threading.Event):
                    answer.wait(10)
                    answer = 200
                if answer == 200:
                    provider.taken.append((self.path, json.loads(body)["message"]))
                with contextlib.suppress(OSError):
                    said = f"we got {self.path} from {self.headers['Authorization']}".encode()
                    self.send_response(answer)
                    self.send_header("Content-Length", str(len(said)))
                    self.end_headers()
                    self.wfile.write(said)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_):
        for answer in self.answers:
            if isinstance(answer, threading.Event):
                answer.set()
        self._server.shutdown()
        self._server.server_close()
