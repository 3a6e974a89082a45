"""Receives orders, checks their signature (https://www.standardwebhooks.com/), prints them, and says that they hold."""

import base64
import hashlib
import hmac
import http.server
import sys

SECRET = base64.b64decode(open(sys.argv[1]).read())


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
        code = base64.b64encode(hmac.digest(SECRET, signed, hashlib.sha256)).decode()
        known = any(hmac.compare_digest(f"v1,{code}", said) for said in self.headers["webhook-signature"].split())
        print("signed by tierone" if known else "FORGED", self.headers["webhook-id"], ascii(body.decode()), flush=True)
        answer = b'{"holds": true}' if known else b""
        self.send_response(200 if known else 401)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", 9753), Receiver).serve_forever()
