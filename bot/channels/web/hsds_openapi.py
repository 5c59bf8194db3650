"""The OpenAPI description of the HSDS API, made from the parameters that the API reads."""

from __future__ import annotations

from typing import Any

from bot.channels.web.hsds_parameters import LISTS, LONGEST_SEARCH, MOST_PER_PAGE, PER_PAGE

_SPEC = "https://raw.githubusercontent.com/openreferral/specification/3.0/schema/"
# List: the published schema of its items, and of one object.
_SCHEMAS = {
    "services": ("compiled/service_list.json", "compiled/service.json"),
    "service_at_locations": ("compiled/service_at_location_list.json", "compiled/service_at_location.json"),
    "organizations": ("compiled/organization_list.json", "compiled/organization.json"),
    "taxonomies": ("taxonomy.json", "taxonomy.json"),
    "taxonomy_terms": ("taxonomy_term.json", "taxonomy_term.json"),
}
_ID = {"type": "string", "format": "uuid"}
_TRUTH = {"type": "boolean", "default": False}
_PARAMETERS: dict[str, tuple[dict[str, Any], str]] = {
    "search": ({"type": "string", "maxLength": LONGEST_SEARCH}, "Words that must all occur"),
    "page": ({"type": "integer", "minimum": 1, "default": 1}, "Number of the page"),
    "per_page": (
        {"type": "integer", "minimum": 1, "maximum": MOST_PER_PAGE, "default": PER_PAGE},
        "Things on a page; with minimal everything is one page",
    ),
    "format": ({"type": "string", "enum": ["json", "ndjson"]}, "ndjson is the whole list, one object a line"),
    "full": (_TRUTH, "Each object with everything that belongs to it"),
    "full_service": (_TRUTH, "Organizations with their services fully nested"),
    "minimal": (_TRUTH, "Only id and last_modified"),
    "top_only": (_TRUTH, "All our terms are top terms"),
    "taxonomy_term_id": (_ID, "Services with this term"),
    "taxonomy_id": (_ID, "Services, or terms, of this taxonomy"),
    "organization_id": (_ID, "Services of this organization"),
    "parent_id": (_ID, "Our terms have no parents: nothing is found"),
    "modified_after": (
        {"type": "string", "format": "date-time"},
        "Services that changed then or later; those without last_modified are left out",
    ),
    "postcode": ({"type": "string", "pattern": "^[0-9]{5}$"}, "Services for the people of this postcode"),
    "proximity": ({"type": "integer", "minimum": 1}, "With postcode: metres from its centre"),
}


def openapi(base: str) -> dict[str, Any]:
    """The whole description; `base` is the address of the API's root."""
    text = {"type": "string"}
    root = {"version": text, "profile": text, "openapi_url": text}
    paths: dict[str, Any] = {"/": _get("What this API is", [], {"type": "object", "properties": root})}
    for name, accepted in LISTS.items():
        several, single = (f"{_SPEC}{schema}" for schema in _SCHEMAS[name])
        contents = {"contents": {"type": "array", "items": {"$ref": several}}}
        page = {"allOf": [{"$ref": "#/components/schemas/Page"}], "properties": contents}
        paths[f"/{name}"] = _get(f"A page of {name}", [_parameter(p) for p in accepted], page, "400")
        identifier = {"name": "id", "in": "path", "required": True, "schema": _ID}
        also = [_parameter("full_service")] if name == "organizations" else []
        paths[f"/{name}/{{id}}"] = _get(f"One of {name}", [identifier, *also], {"$ref": single}, "404")
    numbers = {name: {"type": "integer"} for name in ("total_items", "total_pages", "page_number", "size")}
    truths = {name: {"type": "boolean"} for name in ("first_page", "last_page", "empty")}
    problem = {"type": "object", "properties": {"code": text, "message": text}, "required": ["code", "message"]}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wegweiser: services for refugees in Saxony",
            "version": "1",
            "license": {"name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
        },
        "servers": [{"url": base}],
        "paths": paths,
        "components": {
            "schemas": {
                "Page": {"type": "object", "properties": {**numbers, **truths}},
                "Error": {"type": "object", "properties": {"error": problem}, "required": ["error"]},
            }
        },
    }


def _get(summary: str, parameters: list[dict[str, Any]], schema: dict[str, Any], problem: str = "") -> dict[str, Any]:
    def told(description: str, what: dict[str, Any]) -> dict[str, Any]:
        return {"description": description, "content": {"application/json": {"schema": what}}}

    responses = {"200": told("Found", schema), "304": {"description": "Not changed since the ETag in If-None-Match"}}
    if problem:
        responses[problem] = told(
            "Not found" if problem == "404" else "Refused", {"$ref": "#/components/schemas/Error"}
        )
    return {"get": {"summary": summary, "parameters": parameters, "responses": responses}}


def _parameter(name: str) -> dict[str, Any]:
    schema, description = _PARAMETERS[name]
    return {"name": name, "in": "query", "description": description, "schema": schema}
