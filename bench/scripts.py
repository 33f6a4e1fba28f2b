"""The load in Lua: what a conductor's browser asks for, with filters and orders drawn at random."""

import json
from collections.abc import Mapping, Sequence


def register(cookie: str, key: str, owners: Sequence[int], integrations: Sequence[int]) -> str:
    """Register pages, each with a filter and an order: by status, by person, by integration, or a search."""
    return f"""
math.randomseed(7)
local owners = {_list(owners)}
local integrations = {_list(integrations)}
local sorts = {{"number", "-number", "needed_by", "-needed_by", "title", "status"}}
local statuses = {{"open", "in_progress", "review", "unfinished"}}
local headers = {{["Cookie"] = {json.dumps(cookie)}}}
request = function()
  local kind, query = math.random(4), nil
  if kind == 1 then query = "status=" .. statuses[math.random(#statuses)]
  elseif kind == 2 then query = "owner=" .. owners[math.random(#owners)]
  elseif kind == 3 then query = "integration=" .. integrations[math.random(#integrations)]
  else query = "status=unfinished&stalled=1" end
  return wrk.format("GET", "/projects/{key}/register?" .. query .. "&sort=" .. sorts[math.random(#sorts)], headers)
end
"""


def one_page(cookie: str, address: str, etag: str = "") -> str:
    """One address again and again; with an ETag it is unchanged."""
    headers = {"Cookie": cookie} | ({"If-None-Match": etag} if etag else {})
    pairs = ", ".join(f"[{json.dumps(name)}] = {_lua(value)}" for name, value in headers.items())
    return f"""
local headers = {{{pairs}}}
request = function() return wrk.format("GET", {json.dumps(address)}, headers) end
"""


def edits(cookie: str, origin: str, versions: Mapping[int, int], pause: int = 0) -> str:
    """Status changes, as the browser sends them, of these tasks (id -> version as the page showed it).

    The next version is read from the row that comes back. `pause`: milliseconds before each.
    """
    known = ", ".join(f"[{one}] = {version}" for one, version in versions.items())
    return f"""
math.randomseed(11)
local ids = {_list(list(versions))}
local versions, turn = {{{known}}}, 0
local headers = {{["Cookie"] = {json.dumps(cookie)}, ["Origin"] = {json.dumps(origin)}, ["HX-Request"] = "true",
  ["Content-Type"] = "application/x-www-form-urlencoded"}}
local words = {{"in_progress", "open"}}
local state = {{}}
request = function()
  turn = turn % #ids + 1
  local id = ids[turn]
  state[id] = (state[id] or 0) % 2 + 1
  local body = "version=" .. (versions[id] or 1) .. "&status=" .. words[state[id]]
  return wrk.format("POST", "/tasks/" .. id .. "/edit", headers, body)
end
response = function(status, headers, body)
  local id, version = string.match(body, 'id="task%-(%d+)"[^>]-data%-version="(%d+)"')
  if id then versions[tonumber(id)] = tonumber(version) end
end
{f"delay = function() return {pause} end" if pause else ""}
"""


def _list(numbers: Sequence[int]) -> str:
    return "{" + ", ".join(str(number) for number in numbers) + "}"


def _lua(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
