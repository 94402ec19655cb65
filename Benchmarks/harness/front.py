"""nginx before the stand-in: TLS, with HTTP/2 as the services speak it or with HTTP/1.1."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

CERTIFICATE = Path(os.environ.get("HEADSHOTKIT_TEST_CERTIFICATE", "/var/lib/headshotkit-tests"))

CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/errors;
events {{ worker_connections 8192; }}
http {{
    access_log off; client_max_body_size 0;
    client_body_temp_path {folder}/bodies; proxy_temp_path {folder}/responses;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    ssl_certificate {certificate}/server.crt; ssl_certificate_key {certificate}/server.key;
    keepalive_requests 1000000;
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_request_buffering off; proxy_max_temp_file_size 0;
    proxy_buffers 16 64k; proxy_buffer_size 64k; proxy_busy_buffers_size 128k;
    upstream api {{ server 127.0.0.1:{api}; keepalive 512; keepalive_requests 1000000; }}
    upstream storage {{ server 127.0.0.1:{storage}; keepalive 512; keepalive_requests 1000000; }}
    server {{ listen 127.0.0.1:{tls_api} ssl{http2}; location / {{ proxy_pass http://api; }} }}
    server {{ listen 127.0.0.1:{tls_storage} ssl{http2}; location / {{ proxy_pass http://storage; }} }}
}}
"""


class Front:
    """A process of nginx with a port for each of the stand-in's two."""

    def __init__(self, api: str, storage: str, is_http2: bool):
        if not shutil.which("nginx") or not (CERTIFICATE / "server.key").exists():
            raise RuntimeError("The tasks over TLS want nginx, and scripts/trust-test-certificate run once as root.")
        self.folder = Path(tempfile.mkdtemp(prefix="headshotkit-nginx-"))
        self.api, self.storage = free_port(), free_port()
        configuration = self.folder / "nginx.conf"
        configuration.write_text(
            CONFIGURATION.format(
                folder=self.folder, certificate=CERTIFICATE, api=api, storage=storage,
                tls_api=self.api, tls_storage=self.storage, http2=" http2" if is_http2 else "",
            )
        )  # fmt: skip
        self.process = subprocess.Popen(["nginx", "-c", configuration], stderr=subprocess.DEVNULL)
        for port in (self.api, self.storage):
            wait_for(port)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(port: int) -> None:
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"nginx does not answer on port {port}.")
