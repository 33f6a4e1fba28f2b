"""The browser's client.

How to add a page:

1. A file per page family in `tracker/web/`, with plain functions that take an `Ask` (`web/asking.py`) and the path's
   parameters, and return an answer of `web/answers.py`:

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
2. Add its `ROUTES` to `web/handlers.py`, and its link to `web/navigation.py`.
3. A template in `templates/<noun>/`, which extends `layout.html`; texts by `{{ _("…") }}`, Russian in
   `tracker/locale`, which `make messages` brings up to date. Dates by the filters of `web/http/templates.py`:
   `{{ task.needed_by | day(today) }}`.
4. A change is a POST to a real form: do the verb in `with ask.writing() as session:`, then `return saved(ask, url,
   _text)`: a 303 for a plain form, and for htmx the fragment that you give (else a redirect). Refusals of the domain
   need no code: they are drawn by `web/refusals.py`; catch `Invalid` where the form should come back with what was
   typed (`page(ask, ..., status=422)`).
"""
