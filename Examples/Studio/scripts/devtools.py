"""Drives Chromium over the pipe of its DevTools protocol, with the standard library alone."""
import base64
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
import time

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATION = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
KEYS = {"Tab": (9, ""), "Enter": (13, "\r"), "Escape": (27, ""), " ": (32, " "), "ArrowUp": (38, ""), "ArrowRight": (39, ""), "ArrowDown": (40, "")}


def find():
    """Returns the path of Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, (*NAMES, APPLICATION))), None)


class Browser:
    def __init__(self, path):
        self.profile = tempfile.mkdtemp()
        # Chromium reads commands from descriptor 3 and writes to descriptor 4.
        (commands, self.writer), (self.reader, messages) = os.pipe(), os.pipe()
        inherited = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 10) for descriptor in (commands, messages)]
        script = 'exec 3<&{0} 4>&{1} {0}<&- {1}>&-; exec "$@"'.format(*inherited)
        sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
        options = ["--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.profile}", "--no-first-run",
                   "--hide-scrollbars", "--disable-gpu", "--disable-dev-shm-usage", *sandbox, "about:blank"]
        self.process = subprocess.Popen(["/bin/bash", "-c", script, "sh", path, *options], pass_fds=inherited,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for descriptor in (commands, messages, *inherited):
            os.close(descriptor)
        self.received, self.events, self.number = b"", [], 0
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "DOM", "Accessibility"):
            self.page(f"{domain}.enable")

    def call(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") != message["id"]:
                self.events.append(answer)
            elif "error" in answer:
                raise AssertionError(f"{method}: {answer['error']['message']}")
            else:
                return answer["result"]

    def page(self, method, **parameters):
        return self.call(method, self.session, **parameters)

    def read(self):
        while b"\0" not in self.received:
            data = os.read(self.reader, 1 << 16)
            if not data:
                raise AssertionError("Chromium ended.")
            self.received += data
        message, _, self.received = self.received.partition(b"\0")
        return json.loads(message)

    def event(self, method, matches=lambda parameters: True):
        """Returns the parameters of the next event of this kind, and removes it."""
        while True:
            for event in self.events:
                if event.get("method") == method and matches(event["params"]):
                    self.events.remove(event)
                    return event["params"]
            self.events.append(self.read())

    def evaluate(self, expression):
        result = self.page("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{expression}: {result['exceptionDetails']['exception'].get('description')}")
        return result["result"].get("value")

    def wait(self, expression, seconds=120):
        end = time.monotonic() + seconds
        while not self.evaluate(expression):
            if time.monotonic() > end:
                raise AssertionError(f"This did not become true in {seconds} s: {expression}\n{self.evaluate('document.body.innerText')}")
            time.sleep(0.05)

    def press(self, key):
        code, text = KEYS[key]
        event = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code}
        self.page("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **event, **({"text": text} if text else {}))
        self.page("Input.dispatchKeyEvent", type="keyUp", **event)

    def screenshot(self, path):
        size = self.page("Page.getLayoutMetrics")["cssContentSize"]
        # A dialog covers the viewport, and not the whole page.
        options = {} if self.evaluate("document.querySelector('dialog[open]') !== null") else {
            "captureBeyondViewport": True, "clip": {**size, "scale": 1}}
        image = self.page("Page.captureScreenshot", **options)
        path.write_bytes(base64.b64decode(image["data"]))

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)
