"""The service of the benchmarks, in a process of its own: says yes to everything, at once or after a fixed time.

python -m benchmarks.service LATENCY_SECONDS      prints its port
"""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers by position, with a refnum for each."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    latency = 0.0

    def do_POST(self) -> None:
        """A yes for every AWB."""
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["data"]
        awbs = data["awb_numbers"].split(",")
        entries = {
            str(number): {"status": "Success", "remark": "", "refnum": _ref(awb)} for number, awb in enumerate(awbs, 1)
        }
        body = json.dumps({"status": "success", "status_code": 200, "html_message": "", "data": entries}).encode()
        if self.latency:
            time.sleep(self.latency)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Silent."""


def _ref(awb: str) -> str:
    return f"SO-{awb[4:12]}"


class Server(ThreadingHTTPServer):
    """Takes many connections at a time."""

    daemon_threads = True
    request_queue_size = 256


if __name__ == "__main__":
    Handler.latency = float(sys.argv[1])
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()
