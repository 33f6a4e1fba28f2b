"""The browser's client.

How to add a page:

1. A file per page family in the room of its noun (`web/meetings/`), with plain functions that take an `Ask`
   (`web/http/request.py`) and the path's parameters, and return an answer of `web/http/responses.py`:

       @get("/projects/{key:str}/journal", guard=Guard.MEMBER)
       def journal(ask: Ask, key: str) -> Answer:
           with ask.reading() as session:
               events = events_of(session, ask.standing, ...)
           return page(ask, "journal/page.html", events=events)

       ROUTES = [journal]

   The guard is part of the route: `Guard.OPEN` (anybody), `PERSON` (signed in), `MEMBER` (of the project `key`; gives
   `ask.project` and `ask.standing`), `CONDUCTOR` (who conducts it), `OBJECT` (signed in; the verb finds the object
   within the person's sight or raises NotFound, and `ask.into(session, find_party(...))` enters its project), `LINK`
   (whoever holds the private address). A route without one does not start. Functions run in a worker thread: no
   `async`, no request on the event loop.
2. Add its `ROUTES` to `web/handlers.py`, and its link to `PLACES` in `web/http/frame.py`. From then on the matrix of
   routes and roles (`tests/web/test_matrix.py`) walks over it.
3. A template in `templates/<noun>/`, which extends `layout.html`; texts by `{{ _("…") }}`, Russian in
   `tracker/locale`, which `make messages` brings up to date. Dates by the filters of `web/http/templates.py`:
   `{{ task.needed_by | day(today) }}`.
4. A change is a POST to a real form: do the verb in `with ask.writing() as session:`, then `return saved(ask, url,
   said)`: a 303 for a plain form, and for htmx the fragment that you give as `html` (else a redirect). One that makes
   something new says `once=True`, so that a second press makes no second one. Refusals of the domain need no code: they
   are drawn by `web/http/refusals.py`; catch `Invalid` where the form should come back with what was typed
   (`form_page` of `web/http/forms.py`).
"""
