"""Reads the simulator with Smartcar's Python SDK.

Calls every read method of a vehicle, then all batchable paths in one batch, in
both unit systems, and then provokes the errors. The expected values come from the
spec's examples, converted here and not by the code under test.

Invariant: the exit code is 1 if any line does not end with `ok`.

Then it signs random webhook deliveries and challenges with the SDK, and lets the
command receive them.

usage: judge.py DESCRIPTION.json SMARTCAR, with SMARTCAR_API_ORIGIN, SMARTCAR_AUTH_ORIGIN,
SMARTCAR_CLIENT_ID, SMARTCAR_CLIENT_SECRET, SMARTCAR_ACCESS_TOKEN and GUEST_TOKEN,
which may read the odometer only
"""

import json
import math
import os
import random
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import datetime, timedelta

import smartcar
from smartcar.v2_response import _camel_to_snake

VEHICLE = "36ab27d0-fd9d-4455-823a-ce30af709ffc"
TOKEN = os.environ["SMARTCAR_ACCESS_TOKEN"]
GUEST = os.environ["GUEST_TOKEN"]
PREFIX = "/vehicles/{id}"
# Method to path. `get_signals` and `get_signal` use API v3, which is another server.
METHODS = {
    "attributes": "/",
    "vin": "/vin",
    "odometer": "/odometer",
    "location": "/location",
    "fuel": "/fuel",
    "battery": "/battery",
    "battery_capacity": "/battery/capacity",
    "nominal_capacity": "/battery/nominal_capacity",
    "charge": "/charge",
    "get_charge_limit": "/charge/limit",
    "engine_oil": "/engine/oil",
    "tire_pressure": "/tires/pressure",
    "lock_status": "/security",
    "permissions": "/permissions",
    "diagnostic_system_status": "/diagnostics/system_status",
    "diagnostic_trouble_codes": "/diagnostics/dtcs",
    "service_history": "/service/history",
}
NOT_READ = {
    *("get_signals", "get_signal"),  # API v3
    *("lock", "unlock", "start_charge", "stop_charge", "set_charge_limit"),
    *("send_destination", "disconnect", "subscribe", "unsubscribe"),
    *("batch", "request", "set_unit_system"),
}
# A batch names its members after the path, except these.
OWN_NAMES = ("attributes", "tire_pressure", "lock_status", "get_charge_limit")
BATCH_NAMES = {
    path: name
    for name, path in METHODS.items()
    if name in OWN_NAMES or path.startswith("/diagnostics/")
}
# From the definitions of the units, with at least seven digits.
IMPERIAL = {
    ("km", "mi"): lambda number: number / 1.609344,
    ("km/h", "mph"): lambda number: number / 1.609344,
    ("L", "gal"): lambda number: number / 3.785411784,
    ("kPa", "psi"): lambda number: number / 6.894757293,
    ("degC", "degF"): lambda number: number * 9 / 5 + 32,
}

with open(sys.argv[1], encoding="utf-8") as file:
    SPEC = json.load(file)


def resolve(node):
    while "$ref" in node:
        target = SPEC
        for key in node["$ref"].removeprefix("#/").split("/"):
            target = target[key]
        node = target
    return node


def convert(schema, value):
    """The example in imperial units, by what the schema says of them."""
    schema = resolve(schema)
    if isinstance(value, dict):
        members = schema.get("properties", {})
        return {key: convert(members.get(key, {}), it) for key, it in value.items()}
    if isinstance(value, list):
        return [convert(schema.get("items", {}), it) for it in value]
    unit = schema.get("x-unit")
    if isinstance(unit, dict) and value is not None:
        return IMPERIAL[unit["metric"], unit["imperial"]](value)
    return value


def endpoints():
    """Every batchable path: example in both systems, and the headers that come with it."""
    found = {}
    for url, item in SPEC["paths"].items():
        operation = item.get("get")
        if not url.startswith(PREFIX) or not operation:
            continue
        if operation.get("x-smartcar-batchable") is False:
            continue
        answer = operation["responses"]["200"]
        content = answer["content"]["application/json"]
        body = content["example"]
        headers = {
            name.lower(): resolve(header).get("example")
            for name, header in answer.get("headers", {}).items()
        }
        path = url.removeprefix(PREFIX) or "/"
        if path in ("/", "/tesla/attributes"):
            body = {**body, "id": VEHICLE}
        if path == "/permissions":
            # The token has every permission.
            every = {
                it["get"].get("x-smartcar-permission", "none")
                for it in SPEC["paths"].values()
                if "get" in it
            } - {"none"}
            body = {"permissions": sorted(every), "paging": {"count": len(every), "offset": 0}}
        found[path] = {
            "metric": body,
            "imperial": convert(content["schema"], body),
            "headers": headers,
        }
    return found


def differ(found, expected, at=""):
    """Where the SDK's value is not the expected one, None if nowhere."""
    if hasattr(found, "_fields"):  # one of the SDK's types
        names = {_camel_to_snake(key): it for key, it in expected.items()}
        # NominalCapacity keeps the name as it is on the wire.
        names = {**expected, **names}
        pairs = [(name, it, names.get(name)) for name, it in found._asdict().items() if name != "meta"]
    elif isinstance(expected, dict):
        if not isinstance(found, dict) or found.keys() != expected.keys():
            return f"{at or '.'}: {found!r} is not {expected!r}"
        pairs = [(key, found[key], it) for key, it in expected.items()]
    elif isinstance(expected, list):
        if not isinstance(found, list) or len(found) != len(expected):
            return f"{at or '.'}: {found!r} is not {expected!r}"
        pairs = [(index, *pair) for index, pair in enumerate(zip(found, expected))]
    elif isinstance(expected, float):
        # The simulator rounds converted values to two decimals.
        same = isinstance(found, (int, float)) and math.isclose(found, expected, abs_tol=0.0051)
        return None if same else f"{at}: {found!r} is not {expected!r}"
    else:
        same = found == expected and type(found) is type(expected)
        return None if same else f"{at}: {found!r} is not {expected!r}"
    for key, left, right in pairs:
        if fault := differ(left, right, f"{at}.{key}"):
            return fault
    return None


REQUEST_IDS = set()


def differ_in_meta(meta, headers, system, request_id=None):
    expected = {}
    for name, example in headers.items():
        key = name.removeprefix("sc-").replace("-", "_")
        expected[key] = system if name == "sc-unit-system" else example
    found = dict(meta._asdict())
    ident = found.pop("request_id", None)
    expected.pop("request_id", None)
    if not ident or (request_id is None and ident in REQUEST_IDS):
        return f"request id {ident!r} is absent or not new"
    if request_id is not None and ident != request_id:
        return f"request id {ident!r} is not the batch's"
    REQUEST_IDS.add(ident)
    return None if found == expected else f"meta: {found!r} is not {expected!r}"


FAULTS = 0


def said(call):
    """`ok`, or what is wrong."""
    global FAULTS
    try:
        fault = call()
    except Exception as error:  # noqa: BLE001: the SDK raises whatever it stumbles over
        fault = f"{type(error).__name__}: {error}"
    FAULTS += fault is not None
    return fault or "ok"


def vehicle(token=TOKEN, system="metric"):
    return smartcar.Vehicle(VEHICLE, token, {"unit_system": system})


def reading(answer, endpoint, system, request_id=None):
    expected = endpoint[system]
    # The SDK keeps a list body in a separate member.
    if isinstance(expected, list) and hasattr(answer, "_fields"):
        expected = {"items": expected}
    if fault := differ(answer, expected):
        return fault
    # Bodies without an SDK type have no meta.
    if isinstance(answer, (dict, list)) or "meta" not in answer._fields:
        return None
    return differ_in_meta(answer.meta, endpoint["headers"], system, request_id)


def raises(call, **expected):
    """None if the call raises the SDK's error with these members."""
    try:
        call()
    except smartcar.SmartcarException as error:
        found = {key: getattr(error, key, None) for key in expected}
        if found != expected:
            return f"{found!r} is not {expected!r}"
        if not error.request_id or not error.doc_url or not error.description:
            return f"request id, documentation or description is absent: {vars(error)!r}"
        return None
    return "nothing was raised"


def line(name, *words):
    print(f"{name:46}" + "  ".join(f"{word:8}" for word in words).rstrip())


def main():
    known = endpoints()
    line("method", "metric", "imperial")
    public = {
        name
        for name, it in vars(smartcar.Vehicle).items()
        if callable(it) and not name.startswith("_")
    }
    if forgotten := public ^ (METHODS.keys() | NOT_READ):
        line("methods", said(lambda: f"not judged, or not there: {sorted(forgotten)}"))
    for name, path in METHODS.items():
        line(name, *(
            said(lambda: reading(getattr(vehicle(system=system), name)(), known[path], system))
            for system in ("metric", "imperial")
        ))
    for path, endpoint in known.items():
        if path in METHODS.values():
            continue

        def asked(system):
            # Its default for `headers` is shared between calls, so it must not be used.
            answer = vehicle(system=system).request("GET", path[1:], headers={})
            fault = differ(answer.body, endpoint[system])
            return fault or differ_in_meta(answer.meta, endpoint["headers"], system)

        line(f"request GET {path}", *(said(lambda: asked(it)) for it in ("metric", "imperial")))

    batches = {it: vehicle(system=it).batch(list(known)) for it in ("metric", "imperial")}
    for path, endpoint in known.items():
        name = BATCH_NAMES.get(path, path[1:].replace("/", "_"))
        line(f"batch {name}", *(
            said(lambda: reading(
                getattr(batch, name)(), endpoint, system, batch.meta.request_id
            ))
            for system, batch in batches.items()
        ))
    queries_and_errors(known)
    tokens(known)
    if not os.environ.get("BRIEFLY"):
        webhooks()
    print(f"{len(known)} paths; {FAULTS} faults")
    return 1 if FAULTS else 0


def consent(permissions):
    """The code that an owner's consent gives; the simulator has no page to click on."""
    request = urllib.request.Request(
        os.environ["SMARTCAR_API_ORIGIN"] + "/_simulator/authorization_codes",
        data=json.dumps({"permissions": permissions}).encode(),
    )
    # Bypass the machine's proxy.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        return json.load(answer)["code"]


def tokens(known):
    """A code for a pair of tokens, that for the next pair, and what each may read."""
    client = smartcar.AuthClient()
    code = consent(["read_odometer"])
    pairs = []

    def issued(pair):
        pairs.append(pair)
        if pair.token_type.lower() != "bearer" or not pair.access_token or not pair.refresh_token:
            return "there is no pair of bearer tokens"
        if len({it.access_token for it in pairs}) < len(pairs):
            return "the access token is not new"
        if len({it.refresh_token for it in pairs}) < len(pairs):
            return "the refresh token is not new"
        left = pair.expiration - datetime.utcnow()
        if pair.expires_in != 7200 or not timedelta(hours=1.9) < left <= timedelta(hours=2):
            return f"it ends in {left}, {pair.expires_in} s"
        return None

    def reads():
        owner = vehicle(pairs[-1].access_token)
        fault = differ(owner.odometer(), known["/odometer"]["metric"])
        return fault or raises(owner.fuel, type="PERMISSION", status_code=403)

    line("exchange_code", said(lambda: issued(client.exchange_code(code))))
    line("its token", said(reads))
    line("exchange_refresh_token", said(
        lambda: issued(client.exchange_refresh_token(pairs[-1].refresh_token))
    ))
    line("its token", said(reads))
    for name, call in [
        ("the code again", lambda: client.exchange_code(code)),
        ("no such refresh token", lambda: client.exchange_refresh_token("other")),
        ("no such secret", lambda: smartcar.AuthClient(client_secret="other").exchange_code(code)),
    ]:
        line(name, said(lambda: refused(call)))


def refused(call):
    """None if no token is given. The SDK does not say why: OAuth's body is none of the API's."""
    try:
        call()
    except smartcar.SmartcarException as error:
        return None if error.status_code in (400, 401) else f"the status is {error.status_code}"
    return "nothing was raised"


def queries_and_errors(known):
    every = known["/permissions"]["metric"]["permissions"]

    def page():
        answer = vehicle().permissions({"limit": 2, "offset": 1})
        expected = (every[1:3], (len(every), 1))
        found = (answer.permissions, tuple(answer.paging))
        return None if found == expected else f"{found!r} is not {expected!r}"

    def fleet():
        answer = smartcar.get_vehicles(TOKEN, {"limit": 2, "offset": 0})
        return None if len(answer.vehicles) == 2 and answer.paging.count >= 2 else repr(answer)

    def history():
        answer = vehicle().service_history("2024-01-01", "2026-01-01")
        return differ(answer.items, known["/service/history"]["metric"])

    line("permissions, page 2", said(page))
    line("get_vehicles", said(fleet))
    line("service_history with dates", said(history))

    denied = {"type": "PERMISSION", "status_code": 403}
    unknown = {"type": "AUTHENTICATION", "status_code": 401}
    malformed = {"type": "VALIDATION", "status_code": 400}
    lost = {"type": "RESOURCE_NOT_FOUND", "code": "PATH", "status_code": 404}
    mixed = vehicle(GUEST).batch(["/odometer", "/fuel"])
    line("guest: batch odometer", said(
        lambda: differ(mixed.odometer(), known["/odometer"]["metric"])
    ))
    for name, call, expected in [
        ("guest: batch fuel", lambda: mixed.fuel(), denied),
        ("guest: fuel", lambda: vehicle(GUEST).fuel(), denied),
        ("no such token: odometer", lambda: vehicle("other").odometer(), unknown),
        ("no such token: batch", lambda: vehicle("other").batch(["/odometer"]), unknown),
        ("no such path: batch", lambda: vehicle().batch(["/odometer", "/wings"]), malformed),
        ("no such path: request", lambda: vehicle().request("GET", "wings", headers={}), lost),
        ("empty batch", lambda: vehicle().batch([]), malformed),
    ]:
        line(name, said(lambda: raises(call, **expected)))


def webhooks():
    """1,000 signatures and 1,000 challenges: the SDK and `smartcar listen` agree."""
    keys = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
    word = lambda most: "".join(keys.choices(letters, k=keys.randint(1, most)))
    token = word(60)
    listener = subprocess.Popen(
        [sys.argv[2], "listen", "--addr", "127.0.0.1:0", "--output", os.devnull],
        env={**os.environ, "SMARTCAR_MANAGEMENT_TOKEN": token},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        url = listener.stderr.readline().split()[-1]

        def post(body, signature=None):
            headers = {"Content-Type": "application/json"}
            if signature is not None:
                headers["SC-Signature"] = signature
            request = urllib.request.Request(url, body.encode(), headers)
            try:
                with urllib.request.urlopen(request) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.read()

        def signatures():
            for number in range(1000):
                values = [keys.uniform(-1e6, 1e6), word(40), "\u00e9\u2028 \u20ac", 10**20 + number]
                body = json.dumps(
                    {
                        "eventId": f"e{number}",
                        "eventType": "VEHICLE_STATE",
                        "data": {"vehicle": {"id": "v"}, "signals": [], "more": values},
                    },
                    ensure_ascii=bool(number % 2),
                    indent=number % 3 or None,
                )
                signature = smartcar.hash_challenge(token, body)
                if not smartcar.verify_payload(token, signature, body):
                    return f"the SDK refuses its own signature of {number}"
                if post(body, signature)[0] != 200:
                    return f"the signature of delivery {number} was refused"
                if post(body + " ", signature)[0] != 401:
                    return f"a changed delivery {number} was taken"
            return None

        def challenges():
            for number in range(1000):
                challenge = word(128)
                body = json.dumps({"eventType": "VERIFY", "data": {"challenge": challenge}})
                status, answer = post(body)
                expected = smartcar.hash_challenge(token, challenge)
                if status != 200 or json.loads(answer) != {"challenge": expected}:
                    return f"challenge {number}: {status} {answer!r}"
            return None

        line("webhooks: 1000 signatures", said(signatures))
        line("webhooks: 1000 challenges", said(challenges))
    finally:
        listener.kill()
        listener.wait()


if __name__ == "__main__":
    sys.exit(main())
