"""Pages for staff behind a login: posters, links, the report, requests to be called back, what was not understood."""
