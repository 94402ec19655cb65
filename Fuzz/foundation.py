"""Tries responses that Foundation on Linux is known to take badly, each in a child process, over plain HTTP/1.1, TLS with HTTP/1.1 and
TLS with HTTP/2, and prints what came as the table of docs/transport.md. Wants scripts/trust-test-certificate, and the Python package h2."""
import os, socket, ssl, subprocess, threading

import h2.config, h2.connection, h2.events

CERTIFICATE = os.environ.get('HEADSHOTKIT_TEST_CERTIFICATE', '/var/lib/headshotkit-tests')
OK = b'HTTP/1.1 200 OK\r\n'

# What it is called, its bytes over HTTP/1.1, and its header fields and trailer over HTTP/2, which has no such thing where they are None.
RESPONSES = [
    ('a trailer behind the body', OK + b'Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nT: x\r\n\r\n', [], [(b't', b'x')]),
    ('a head without its blank line, then the end', OK + b'Server: x\r\n', None, None),
    ('the same with `Content-Length: 2`', OK + b'Content-Length: 2\r\n', None, None),
    ('`Content-Length: 9223372036854775807`', OK + b'Content-Length: 9223372036854775807\r\n\r\n{}',
     [(b'content-length', b'9223372036854775807')], None),
    ('`HTTP/2 200` on a connection of HTTP/1.1, `Content-Length: 5, 5`', b'HTTP/2 200\r\nContent-Length: 5, 5\r\n\r\nhello', None, None),
    ('`Content-Length: 2, 2`', OK + b'Content-Length: 2, 2\r\n\r\n{}', [(b'content-length', b'2, 2')], None),
    ('`Name:value` without a space', OK + b'X-Name:value\r\nContent-Length: 2\r\n\r\n{}', None, None),
    ('no reason phrase', b'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}', None, None),
    ('a byte of Latin-1 in a header', OK + b'X-Name: caf\xe9\r\nContent-Length: 2\r\n\r\n{}', [(b'x-name', b'caf\xe9')], None),
    ('`Content-Encoding: aws-chunked`', OK + b'Content-Encoding: aws-chunked\r\nContent-Length: 2\r\n\r\n{}',
     [(b'content-encoding', b'aws-chunked')], None),
    ('`Content-Encoding: UTF-8`', OK + b'Content-Encoding: UTF-8\r\nContent-Length: 2\r\n\r\n{}',
     [(b'content-encoding', b'UTF-8')], None),
]


def serve(listener, network, response):
    context = None
    if network != 'plain':
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f'{CERTIFICATE}/server.crt', f'{CERTIFICATE}/server.key')
        context.set_alpn_protocols(['h2' if network == 'http2' else 'http/1.1'])
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=answer, args=(client, context, network, response), daemon=True).start()


def answer(client, context, network, response):
    client.settimeout(3)
    try:
        connection = context.wrap_socket(client, server_side=True) if context else client
        (answer2 if network == 'http2' else answer1)(connection, response)
        client.shutdown(socket.SHUT_RDWR)
    except (OSError, h2.exceptions.ProtocolError):
        pass
    client.close()


def answer1(connection, response):
    head = b''
    while b'\r\n\r\n' not in head:
        piece = connection.recv(65536)
        if not piece:
            return
        head += piece
    connection.sendall(response[1])
    if isinstance(connection, ssl.SSLSocket):
        connection.unwrap()


def answer2(connection, response):
    # Foreign headers are to be sent as they are.
    config = h2.config.H2Configuration(
        client_side=False, header_encoding=None, validate_outbound_headers=False, normalize_outbound_headers=False)
    state = h2.connection.H2Connection(config)
    state.initiate_connection()
    connection.sendall(state.data_to_send())
    while piece := connection.recv(65536):
        for event in state.receive_data(piece):
            if isinstance(event, h2.events.RequestReceived):
                state.send_headers(event.stream_id, [(b':status', b'200'), *response[2]])
                length = dict(response[2]).get(b'content-length')
                # What is too short is left open.
                state.send_data(event.stream_id, b'{}', end_stream=response[3] is None and length != b'9223372036854775807')
                if response[3]:
                    state.send_headers(event.stream_id, response[3], end_stream=True)
        connection.sendall(state.data_to_send())


def outcome(network, response):
    if network == 'http2' and response[2] is None:
        return ''
    with socket.create_server(('127.0.0.1', 0)) as listener:
        threading.Thread(target=serve, args=(listener, network, response), daemon=True).start()
        scheme = 'http' if network == 'plain' else 'https'
        command = ['.build/debug/transport-client', f'{scheme}://127.0.0.1:{listener.getsockname()[1]}', '8']
        try:
            child = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, 'SWIFT_BACKTRACE': 'enable=no'})
        except subprocess.TimeoutExpired:
            return 'hangs'
    came = sorted({line[3:] for line in child.stdout.splitlines() if line.startswith('->')})
    if child.returncode:
        came.append('**ends the process**')
    return ', '.join(came)


def main():
    print('| response | plain HTTP/1.1 | TLS, HTTP/1.1 | TLS, HTTP/2 |\n|---|---|---|---|')
    for response in RESPONSES:
        print(f'| {response[0]} | ' + ' | '.join(outcome(network, response) for network in ('plain', 'tls', 'http2')) + ' |', flush=True)


main()
