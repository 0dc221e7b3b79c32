-- Reads windows of a board, single people's places and what changes have touched, all of the same moment.
-- KEYS: board, ranks, versions, log
-- ARGV: JSON { windows: [{ kind: 'page', size, backwards, after?, before? } | { kind: 'around', userId, radius }],
--   people: [userId], changes?: { since, most, size, after? } }; since is a revision, after and before are
--   { packed (a string), userId }
-- Returns '' when the board is missing, else { revision, state, changedAt, size, packed score of the first or '',
--   windows: [{ people before it, people above the score of its first, [user id, packed, version and time …] }],
--   people: [{ packed or '', people above, version and time or '' }],
--   changes: { 1 if there is more behind the last window's last, [user id of who is listed no more], windows as above },
--     of `size` people at most; '' where the log does not go back to that revision or more than `most` may be touched }
local board = redis.call('HMGET', KEYS[1], 'revision', 'state', 'changedAt')
if not board[1] then return '' end
local ask = cjson.decode(ARGV[1])
local ranks, versions, log = KEYS[2], KEYS[3], KEYS[4]
local size = redis.call('ZCARD', ranks)

local function peopleAbove(packed)
  return redis.call('ZCOUNT', ranks, string.format('%.0f', (math.floor(packed / 2 ^ 25) + 1) * 2 ^ 25), '+inf')
end

-- How many are listed before this place, and who is first of those that are not. People with the same packed score are
-- searched by halves: there may be many. User ids compare alike in every locale: lower case, hyphens in fixed places.
local function placesBefore(packed, userId)
  local low = redis.call('ZCOUNT', ranks, '(' .. packed, '+inf')
  local level = redis.call('ZCOUNT', ranks, packed, '+inf')
  local high = level
  while low < high do
    local middle = math.floor((low + high) / 2)
    if redis.call('ZREVRANGE', ranks, middle, middle)[1] > userId then low = middle + 1 else high = middle end
  end
  return low, low < level and redis.call('ZREVRANGE', ranks, low, low)[1]
end

local function boundsOf(window)
  if window.kind == 'around' then
    local place = redis.call('ZREVRANK', ranks, window.userId)
    if not place then return 0, 0 end
    return math.max(place - window.radius, 0), math.min(place + window.radius + 1, size)
  end
  local from, to = 0, size
  if window.after then
    local before, first = placesBefore(window.after.packed, window.after.userId)
    from = first == window.after.userId and before + 1 or before
  end
  if window.before then to = placesBefore(window.before.packed, window.before.userId) end
  if window.backwards then return math.max(from, to - window.size), to end
  return from, math.min(to, from + window.size)
end

local function readPlaces(from, to)
  if from >= to then return { from, 0, {} } end
  local found = redis.call('ZREVRANGE', ranks, from, to - 1, 'WITHSCORES')
  local userIds, rows = {}, {}
  for i = 1, #found, 2 do userIds[#userIds + 1] = found[i] end
  local details = redis.call('HMGET', versions, unpack(userIds))
  for i, userId in ipairs(userIds) do
    rows[#rows + 1] = userId
    rows[#rows + 1] = found[2 * i]
    rows[#rows + 1] = details[i] or ''
  end
  return { from, peopleAbove(found[2]), rows }
end

-- The packed scores that were touched since a revision, the highest first and none twice, and who was taken off; nothing
-- unless each entry follows the one before it: the log may have been cut off, or be another board's.
local function touchedSince(since)
  local revision, spans, removed = tonumber(board[1]), {}, {}
  if since > revision then return end
  local entries = since < revision and redis.call('LRANGE', log, 0, revision - since - 1) or {}
  for _, entry in ipairs(entries) do
    local before, after, low, high, gone = string.match(entry, '^(%d+) (%d+) (%d+) (%d+) ?(.*)$')
    if tonumber(after) ~= revision then return end
    local span = { low = tonumber(low), high = tonumber(high) }
    if span.low <= span.high then spans[#spans + 1] = span end
    if gone ~= '' and not redis.call('ZSCORE', ranks, gone) then removed[#removed + 1] = gone end
    revision = tonumber(before)
    if revision <= since then break end
  end
  if revision ~= since then return end
  table.sort(spans, function(one, other) return one.high > other.high end)
  local merged = {}
  for _, span in ipairs(spans) do
    local last = merged[#merged]
    if last and span.high >= last.low then
      last.low = math.min(last.low, span.low)
    else
      merged[#merged + 1] = span
    end
  end
  return merged, removed
end

local function readChanges(changes)
  local spans, removed = touchedSince(changes.since)
  if not spans then return '' end
  local touched = 0
  for _, span in ipairs(spans) do
    span.from = redis.call('ZCOUNT', ranks, string.format('(%.0f', span.high), '+inf')
    span.to = redis.call('ZCOUNT', ranks, string.format('%.0f', span.low), '+inf')
    touched = touched + span.to - span.from
  end
  if touched > changes.most then return '' end
  local start = changes.after and boundsOf({ after = changes.after, size = 0 }) or 0
  local left, more, windows = changes.size, 0, {}
  for _, span in ipairs(spans) do
    local from = math.max(span.from, start)
    local to = math.min(span.to, from + left)
    if from < to then
      windows[#windows + 1] = readPlaces(from, to)
      left = left - (to - from)
    end
    if to < span.to and from < span.to then more = 1 end
  end
  return { more, removed, windows }
end

local windows, people = {}, {}
for i, window in ipairs(ask.windows) do windows[i] = readPlaces(boundsOf(window)) end
for i, userId in ipairs(ask.people) do
  local packed = redis.call('ZSCORE', ranks, userId)
  local detail = redis.call('HGET', versions, userId) or ''
  people[i] = { packed or '', packed and peopleAbove(packed) or 0, detail }
end
local first = redis.call('ZREVRANGE', ranks, 0, 0, 'WITHSCORES')
return { board[1], board[2], board[3], size, first[2] or '', windows, people, ask.changes and readChanges(ask.changes) or '' }
