# SPDX-License-Identifier: GPL-3.0-or-later
"""A browser for the shell: each call is one command of the W3C WebDriver protocol to a running chromedriver.

    webdriver.py DRIVER open PROFILE           a headless browser; prints its session and its process id
    webdriver.py DRIVER SESSION go ADDRESS     until the page has loaded
    webdriver.py DRIVER SESSION eval CODE      the value of a JavaScript expression; what is no string as JSON
    webdriver.py DRIVER SESSION press CSS      as a mouse does
    webdriver.py DRIVER SESSION log            what the browser has to complain about since the last call
    webdriver.py DRIVER SESSION media NAME VALUE
    webdriver.py DRIVER SESSION size WIDTH HEIGHT
    webdriver.py DRIVER SESSION shot FILE      of the whole page, as PNG
    webdriver.py DRIVER SESSION close

DRIVER is the address of chromedriver. The browser finds no address but that of this machine.
"""
import base64
import json
import os
import sys
import urllib.error
import urllib.request

# Talks to nobody but the page, and finds nobody else either.
QUIET = [
    "--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-default-apps",
    "--disable-dev-shm-usage", "--disable-extensions", "--hide-scrollbars", "--no-proxy-server", "--lang=en-GB",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def command(method, address, body=None):
    request = urllib.request.Request(address, method=method)
    if method == "POST":
        request.data = json.dumps(body or {}).encode()
        request.add_header("Content-Type", "application/json")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as reply:
            return json.load(reply)["value"]
    except urllib.error.HTTPError as error:
        value = json.load(error)["value"]
        sys.exit(f"{value['error']}: {value['message'].splitlines()[0]}")


def open_session(driver, profile):
    arguments = QUIET + [f"--user-data-dir={profile}", "--window-size=1280,1000"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    capabilities = {
        "browserName": "chrome",
        "goog:chromeOptions": {"args": arguments},
        "goog:loggingPrefs": {"browser": "ALL"},
    }
    session = command("POST", f"{driver}/session", {"capabilities": {"alwaysMatch": capabilities}})
    print(session["sessionId"], session["capabilities"].get("goog:processID", ""))


def find(session, selector):
    element = command("POST", f"{session}/element", {"using": "css selector", "value": selector})
    return next(iter(element.values()))


def devtools(session, name, **parameters):
    return command("POST", f"{session}/goog/cdp/execute", {"cmd": name, "params": parameters})


def shoot(session, file):
    size = devtools(session, "Page.getLayoutMetrics")["cssContentSize"]
    clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
    shot = devtools(session, "Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    with open(file, "wb") as out:
        out.write(base64.b64decode(shot["data"]))


def tell(value):
    print(value if isinstance(value, str) else json.dumps(value, separators=(",", ":")))


def main(driver, *words):
    if words[0] == "open":
        return open_session(driver, words[1])
    session, verb, rest = f"{driver}/session/{words[0]}", words[1], words[2:]
    if verb == "go":
        command("POST", f"{session}/url", {"url": rest[0]})
    elif verb == "eval":
        tell(command("POST", f"{session}/execute/sync", {"script": f"return ({rest[0]});", "args": []}))
    elif verb == "press":
        command("POST", f"{session}/element/{find(session, rest[0])}/click")
    elif verb == "log":
        for entry in command("POST", f"{session}/se/log", {"type": "browser"}):
            print(entry["level"], entry.get("source", ""), entry["message"])
    elif verb == "media":
        devtools(session, "Emulation.setEmulatedMedia", features=[{"name": rest[0], "value": rest[1]}])
    elif verb == "size":
        devtools(session, "Emulation.setDeviceMetricsOverride", width=int(rest[0]), height=int(rest[1]),
                 deviceScaleFactor=1, mobile=False)
    elif verb == "shot":
        shoot(session, rest[0])
    elif verb == "close":
        command("DELETE", session)
    else:
        sys.exit(f"unknown command: {verb}")


if __name__ == "__main__":
    main(*sys.argv[1:])
