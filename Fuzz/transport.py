"""Serves mutated raw responses to URLSessionTransport in child processes: transport.py [SEED [COUNT]].

The same seed gives the same responses. The response that ends a child is written to .build/found/, with what the child said of it; known
traps of Foundation on Linux are told apart from ours, and do not fail the run."""
import os, random, socket, subprocess, sys, threading

SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 1
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
BATCH = 100
FOUND = '.build/found'
# Traps that no setting of a request avoids; see docs/.
KNOWN = ["Transfer completed, but there's no response", 'setupCallbacks', 'makeReadSource']

SEEDS = [
    b'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}',
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n',
    b'HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-1/2\r\nContent-Length: 2\r\nETag: "v"\r\n\r\n{}',
    b'HTTP/1.1 429 Slow\r\nRetry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\nContent-Length: 0\r\n\r\n',
    b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n',
    b'HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n',
    b'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n',
    b'HTTP/1.0 503 Away\r\nSet-Cookie: a=b; expires=Wed\r\n\r\nno length',
]
WORDS = [b'\r\n', b'\n', b'\r\n\r\n', b'0', b'-1', b'9223372036854775807', b'18446744073709551616', b': ', b'chunked', b'gzip', b'\xff', b'\0',
         b'Content-Length: 5, 5\r\n', b'Transfer-Encoding: identity\r\n', b'HTTP/2 200\r\n', b'0\r\nT: x\r\n\r\n', b'bytes */', b'x' * 70000]

def response(number):
    """The response of a number, and whether the connection is reset after it."""
    dice = random.Random(f'{SEED}/{number}')
    data = bytearray(dice.choice(SEEDS))
    for _ in range(dice.choice([0, 1, 1, 2, 3, 8])):
        at = dice.randrange(len(data) + 1)
        kind = dice.randrange(5)
        if kind == 0 and at < len(data): data[at] = dice.randrange(256)
        elif kind == 1: data[at:at] = dice.choice(WORDS)
        elif kind == 2: del data[at:at + dice.randrange(1, 12)]
        elif kind == 3: data[at:at] = data[at:at + dice.randrange(1, 40)]
        else: del data[at:]
    return bytes(data), dice.random() < 0.1

def serve(listener, first):
    while True:
        try: client, _ = listener.accept()
        except OSError: return
        threading.Thread(target=answer, args=(client, first), daemon=True).start()

def answer(client, first):
    with client:
        try:
            head = b''
            while b'\r\n\r\n' not in head:
                piece = client.recv(65536)
                if not piece: return
                head += piece
            data, resets = response(first + int(head.split(b' ')[1].rsplit(b'/', 1)[-1]))
            client.sendall(data)
            if resets: client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
            else: client.shutdown(socket.SHUT_WR)
        except (OSError, ValueError, IndexError): pass

def batch(first, count):
    """Runs a child over some numbers; the number that ended it and what it said, or None."""
    with socket.create_server(('127.0.0.1', 0), backlog=128) as listener:
        threading.Thread(target=serve, args=(listener, first), daemon=True).start()
        port = listener.getsockname()[1]
        try:
            child = subprocess.run(['.build/debug/transport-client', f'http://127.0.0.1:{port}', str(count)],
                                   capture_output=True, timeout=3 * count + 30)
            out, said, status = child.stdout, child.stderr, child.returncode
        except subprocess.TimeoutExpired as late:
            out, said, status = late.stdout or b'', b'hang', -1
        lines = out.split()
        if status == 0 and lines and lines[-1] == b'done': return None
        return first + int(lines[-1]) if lines and lines[-1].isdigit() else first, said.decode(errors='replace')

os.makedirs(FOUND, exist_ok=True)
number, ours, foundations = 0, 0, 0
while number < COUNT:
    ended = batch(number, min(BATCH, COUNT - number))
    if ended is None:
        number += BATCH
        continue
    culprit, said = ended
    isKnown = any(word in said for word in KNOWN)
    foundations, ours = foundations + isKnown, ours + (not isKnown)
    name = f'{FOUND}/transport-{"foundation" if isKnown else "ours"}-{SEED}-{culprit}'
    open(name + '.http', 'wb').write(response(culprit)[0])
    open(name + '.txt', 'w').write(said)
    if not isKnown: print(f'{name}.http: {said[:200]!r}')
    number = culprit + 1
print(f'transport: {COUNT} responses, seed {SEED}: {ours} crashes or hangs of ours, {foundations} known ones of Foundation')
sys.exit(1 if ours else 0)
