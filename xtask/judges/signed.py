"""Signs what Schemathesis sends to a receiver of webhooks, as Smartcar does.

Valid events get the signature of their bytes; a verification is sent without one. What is
invalid keeps the signature that Schemathesis made up, or none, so it must be refused.
"""

import copy
import hashlib
import hmac
import json
import os
import zlib

import requests
import schemathesis
from schemathesis.generation.meta import TestPhase
from schemathesis.generation.modes import GenerationMode

KEY = os.environ["SMARTCAR_MANAGEMENT_TOKEN"].encode()
HEADER = "SC-Signature"
EVENTS = ("VERIFY", "VEHICLE_STATE", "VEHICLE_ERROR")


class Signed(requests.auth.AuthBase):
    """Signs a request as it goes over the wire."""

    def __call__(self, request):
        request.headers.pop(HEADER, None)
        if not is_verification(request):
            request.headers[HEADER] = signature(request)
        return request


def wire(request):
    body = request.body or b""
    return body.encode() if isinstance(body, str) else body


def signature(request):
    return hmac.new(KEY, wire(request), hashlib.sha256).hexdigest()


def is_verification(request):
    try:
        event = json.loads(wire(request))
    except ValueError:
        return False
    return isinstance(event, dict) and event.get("eventType") == "VERIFY"


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta and case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    kwargs["auth"] = Signed()
    if not isinstance(case.body, dict):
        return
    body = copy.deepcopy(case.body)
    # Most generated bodies have the first event type, and fit every type.
    if case.meta and case.meta.phase.name != TestPhase.EXAMPLES:
        number = zlib.crc32(json.dumps(body, sort_keys=True).encode())
        body["eventType"] = EVENTS[number % len(EVENTS)]
    # A schema cannot say that this event needs its challenge and the others do not.
    if body["eventType"] == "VERIFY":
        body.setdefault("data", {}).setdefault("challenge", "challenge_1")
    case.body = body


@schemathesis.check
def only_signed_events_are_taken(context, response, case):
    request = response.request
    if request.method != "POST" or is_verification(request):
        return
    is_taken = 200 <= response.status_code < 300
    is_signed = request.headers.get(HEADER) == signature(request)
    assert is_signed or not is_taken, "an event without the right signature was taken"
    if not is_taken:
        return
    for header in ({}, {HEADER: "0" * 64}):
        headers = {"Content-Type": "application/json", **header}
        again = requests.post(request.url, data=wire(request), headers=headers, timeout=10)
        assert again.status_code == 401, f"{again.status_code} with {header}"
        assert list(again.json()) == ["error"], again.text
