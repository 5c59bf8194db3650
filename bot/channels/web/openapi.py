"""The OpenAPI description of the web channel: what /api/v1/openapi.json says, and what the tests hold the API to."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

CODES = (
    *("bad_conversation", "bad_id", "bad_location", "bad_payload", "busy", "empty", "internal", "malformed", "method"),
    *("not_found", "not_json", "not_ready", "not_text", "origin", "too_large", "too_many", "too_slow", "unauthorized"),
)
# Status: what it means, the codes it comes with, its headers besides those of every error.
_ERRORS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "400": (
        "The request cannot be understood",
        ("bad_conversation", "bad_id", "bad_location", "bad_payload", "empty", "malformed", "not_text"),
        (),
    ),
    "401": ("No token, or not the one of this conversation", ("unauthorized",), ("WWW-Authenticate",)),
    "403": ("The web page that asks is not on the server's list", ("origin",), ()),
    "405": ("This method is not supported at this address", ("method",), ("Allow",)),
    "408": ("The body did not arrive in time", ("too_slow",), ()),
    "413": ("More than 64 KiB", ("too_large",), ()),
    "415": ("The body is not application/json", ("not_json",), ()),
    "429": ("Too many of one conversation or network address; try again later", ("too_many",), ("Retry-After",)),
    "500": ("A fault of the server; the same request may be sent again", ("internal",), ()),
    "503": ("Not yet; ask again with the same message id", ("busy", "not_ready"), ("Retry-After",)),
}
_HEADERS: dict[str, tuple[str, Json]] = {
    "Allow": ("The supported methods", {"type": "string"}),
    "Cache-Control": ("no-store, or how long the answer may be kept", {"type": "string"}),
    "ETag": ("Version of the answer, for If-None-Match", {"type": "string"}),
    "Retry-After": ("Seconds to wait", {"type": "integer", "minimum": 1}),
    "Vary": ("Request headers that the answer depends on; always Origin", {"type": "string"}),
    "WWW-Authenticate": ("Always Bearer", {"type": "string", "enum": ["Bearer"]}),
    "X-Content-Type-Options": ("Always nosniff", {"type": "string", "enum": ["nosniff"]}),
}
_COMMON = ("Cache-Control", "Vary", "X-Content-Type-Options")
_TEXT: Json = {"type": "string"}
_LANGUAGE: Json = {"type": "string", "description": "One of the codes in `languages` of /strings"}


def openapi() -> Json:
    """The whole description."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wegweiser web channel",
            "version": "1",
            "description": "Text, button payloads and locations in; replies with cards, choices and sources out. "
            "Texts of people stand in bodies only, never in addresses.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/api/v1"}],
        "paths": {
            "/conversations": {"post": _begin()},
            "/conversations/{conversation}": {"delete": _delete()},
            "/conversations/{conversation}/messages": {"get": _written()},
            "/messages": {"post": _send()},
            "/strings": _read("The interface's words and all languages", "strings", "Strings", _WISHES),
            "/topics": _read("The titles of all topics", "topics", "Topics", _WISHES),
            "/openapi.json": _read("This description", "description", "Description"),
        },
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "From POST /conversations"}
            },
            "headers": {
                name: {"description": description, "required": True, "schema": schema}
                for name, (description, schema) in _HEADERS.items()
            },
            "responses": {status: _error(status) for status in _ERRORS},
            "schemas": _SCHEMAS,
        },
    }


def _begin() -> Json:
    found = _found("The conversation and the token for its messages", "Opened")
    found["links"] = {
        "send": {
            "operationId": "send",
            "description": "With the token as bearer",
            "requestBody": {"conversation": "$response.body#/conversation"},
        },
        **{
            name: {
                "operationId": name,
                "description": "With the token as bearer",
                "parameters": {"conversation": "$response.body#/conversation"},
            }
            for name in ("delete", "written")
        },
    }
    return {
        "operationId": "begin",
        "summary": "Begin a conversation",
        "description": "Nothing is stored before its first message. A body is read but not looked at.",
        "responses": {"201": found, **_refusals("403", "408", "413", "429", "500")},
    }


def _delete() -> Json:
    return {
        "operationId": "delete",
        "summary": "Delete everything stored about a conversation",
        "security": [{"token": []}],
        "parameters": [_CONVERSATION],
        "responses": {
            "204": {"description": "Deleted", "headers": _headers("Vary")},
            **_refusals("400", "401", "403", "408", "413", "429", "500", "503"),
        },
    }


def _written() -> Json:
    return {
        "operationId": "written",
        "summary": "What a person wrote who talks instead of the assistant",
        "description": "Waits at most 20 seconds for the first message while a person talks, and not at all otherwise. "
        "Reading takes nothing away.",
        "security": [{"token": []}],
        "parameters": [
            _CONVERSATION,
            {
                "name": "after",
                "in": "query",
                "description": "The number of the last message shown; all that are kept without it",
                "schema": {"type": "integer", "minimum": 0, "maximum": 999_999_999_999_999, "default": 0},
            },
        ],
        "responses": {
            "200": _found("The messages in order, often none", "Written"),
            **_refusals("400", "401", "403", "429", "500", "503"),
        },
    }


def _send() -> Json:
    return {
        "operationId": "send",
        "summary": "Send one message and get its replies",
        "description": "A repeated id gets the first answer again, whatever the rest of the request says.",
        "security": [{"token": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Message"}}},
        },
        "responses": {
            "200": _found("The replies in order; seldom none", "Replies"),
            **_refusals("400", "401", "403", "408", "413", "415", "429", "500", "503"),
        },
    }


_CONVERSATION: Json = {
    "name": "conversation",
    "in": "path",
    "required": True,
    "schema": {"$ref": "#/components/schemas/Conversation"},
}
_WISHES: Json = {
    "name": "lang",
    "in": "query",
    "description": "One BCP 47 tag or several, the most wanted first, separated by commas; without one we speak, English",
    "schema": _TEXT,
    "examples": {"Kurdish, else Arabic": {"value": "ckb,ar-SY"}},
}


def _read(summary: str, operation: str, schema: str, *parameters: Json) -> Json:
    """GET and HEAD of something that may be kept for a while."""
    headers = _headers(*_COMMON, "ETag")
    unchanged = {"description": "Not changed since the ETag in If-None-Match", "headers": _headers("ETag", "Vary")}
    common: Json = {"summary": summary, **({"parameters": list(parameters)} if parameters else {})}
    refusals = {"304": unchanged, **_refusals("403", "500")}
    found = {**_found("Found", schema), "headers": headers}
    bare = {"description": "Found", "headers": headers}
    return {
        "get": {"operationId": operation, **common, "responses": {"200": found, **refusals}},
        "head": {
            "operationId": f"{operation}Head",
            **common,
            "responses": {"200": bare, "304": unchanged, "403": {"description": _ERRORS["403"][0]}},
        },
    }


def _found(description: str, schema: str) -> Json:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "headers": _headers(*_COMMON), "content": content}


def _refusals(*statuses: str) -> Json:
    return {status: {"$ref": f"#/components/responses/{status}"} for status in sorted({*statuses, "405"})}


def _error(status: str) -> Json:
    description, codes, headers = _ERRORS[status]
    code = {"properties": {"error": {"properties": {"code": {"enum": list(codes)}}}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Error"}, code]}
    return {
        "description": description,
        "headers": _headers(*_COMMON, *headers),
        "content": {"application/json": {"schema": schema}},
    }


def _headers(*names: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _object(required: str, **properties: Json) -> Json:
    return {"type": "object", "required": required.split(), "properties": properties, "additionalProperties": False}


def _several(items: Json) -> Json:
    return {"type": "array", "items": items}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _told(description: str, **schema: Any) -> Json:
    return {"type": "string", "description": description, **schema}


def _one_of_three() -> list[Json]:
    """Exactly one of the inputs is there; null is the same as absent."""
    names = ("text", "payload", "location")
    nothing = {"type": "null"}
    return [
        {
            "required": [name],
            "properties": {other: {"not": nothing} if other == name else nothing for other in names},
        }
        for name in names
    ]


_DIRECTION: Json = {"type": "string", "enum": ["ltr", "rtl"]}
_DATE = "An ISO date or its beginning: 2026, 2026-10, 2026-10-05"
_SCHEMAS: dict[str, Json] = {
    "Conversation": {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,64}$"},
    "Direction": _DIRECTION,
    "Opened": _object("conversation token", conversation=_ref("Conversation"), token=_TEXT),
    "Message": {
        "type": "object",
        "required": ["conversation", "id"],
        "properties": {
            "conversation": _ref("Conversation"),
            "id": _told("Unique within the conversation", pattern="^[!-~]{1,64}$"),
            "text": {
                "type": ["string", "null"],
                "description": "What a person typed; never a command; the first 2,000 characters count",
            },
            "payload": {"type": ["string", "null"], "description": "The payload of a choice, unchanged"},
            "location": {
                "type": ["object", "null"],
                "required": ["lat", "lon"],
                "properties": {
                    "lat": {"type": "number", "minimum": -90, "maximum": 90},
                    "lon": {"type": "number", "minimum": -180, "maximum": 180},
                },
            },
            "hint": {
                "type": ["string", "null"],
                "description": "The interface's language, also for messages of errors; unknown ones are ignored",
            },
            "campaign": {
                "type": ["string", "null"],
                "description": "The poster or page where the conversation began, for counting: up to 20 small letters, "
                "digits and hyphens, others are ignored; the first one of a conversation counts; test is never counted",
            },
        },
        "oneOf": _one_of_three(),
    },
    "Replies": _object(
        "replies",
        replies=_several(_ref("Reply")),
        person={"type": "boolean", "const": True, "description": "A person talks: ask for what they write"},
    ),
    "Written": _object(
        "messages person",
        messages=_several(
            _object(
                "number reply",
                number={"type": "integer", "minimum": 1, "description": "Grows within the conversation, with gaps"},
                reply=_ref("Reply"),
            )
        ),
        person={"type": "boolean", "description": "Whether a person talks now"},
    ),
    "Reply": {
        **_object(
            "text dir",
            text=_TEXT,
            language=_TEXT,
            dir={"type": "string", "enum": ["ltr", "rtl", "auto"]},
            part=_TEXT,
            topic=_told("The topic in hand"),
            place=_told("German name of the town the person named"),
            asks=_told("What the person is asked for, such as place or language"),
            author=_told("Absent when it was the assistant", enum=["person"]),
            cards=_several(_ref("Card")),
            choices=_several(_object("title payload", title=_TEXT, payload=_TEXT)),
            links=_several({"type": "object", "additionalProperties": _TEXT}),
            sources=_several({"type": "object", "additionalProperties": _TEXT}),
        ),
        "description": "Absent keys are unknown, never empty. A source has an id, mostly a url, and a date: an ISO date or its beginning",
    },
    "Card": _object(
        "id name",
        id=_TEXT,
        name=_TEXT,
        kind=_TEXT,
        address=_TEXT,
        phone=_TEXT,
        email=_TEXT,
        hours=_TEXT,
        open_now={"type": "boolean", "description": "Only when the hours are known for certain"},
        languages=_several(_TEXT),
        website=_TEXT,
        map=_TEXT,
        route=_told("The way by bus and train, a link"),
        distance_km={"type": "number", "minimum": 0},
        cost=_TEXT,
        about={**_several(_TEXT), "description": "Short facts such as For women"},
        checked=_told(_DATE),
        note=_TEXT,
        source=_TEXT,
    ),
    "Language": _object("code name dir", code=_TEXT, name=_told("The language's own name"), dir=_ref("Direction")),
    "Strings": {
        "type": "object",
        "required": ["language", "dir", "strings", "languages"],
        "properties": {
            "language": _LANGUAGE,
            "dir": _ref("Direction"),
            "strings": {"type": "object", "additionalProperties": _TEXT},
            "languages": _several(_ref("Language")),
        },
    },
    "Topics": _object(
        "language dir topics",
        language=_LANGUAGE,
        dir=_ref("Direction"),
        topics={"type": "object", "additionalProperties": _TEXT, "description": "Topic id to title"},
    ),
    "Description": {"type": "object", "required": ["openapi", "info", "paths"]},
    "Error": _object(
        "error",
        error={
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "enum": list(CODES)},
                "message": _told(
                    "For the person, in the language of the hint or of Accept-Language, where there are words for it; otherwise English for developers"
                ),
            },
        },
    ),
}
