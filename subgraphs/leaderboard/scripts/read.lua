-- Reads windows of a board and single people's places, all of the same moment.
-- KEYS: board, ranks, versions
-- ARGV: JSON { windows: [{ kind: 'page', size, backwards, after?, before? } | { kind: 'around', userId, radius }],
--   people: [userId] }; after and before are { packed (a string), userId }
-- Returns '' when the board is missing, else { revision, state, changedAt, size, packed score of the first or '',
--   windows: [{ people before it, people above the score of its first, [user id, packed, version and time …] }],
--   people: [{ packed or '', people above, version and time or '' }] }
local board = redis.call('HMGET', KEYS[1], 'revision', 'state', 'changedAt')
if not board[1] then return '' end
local ask = cjson.decode(ARGV[1])
local ranks, versions = KEYS[2], KEYS[3]
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

local function readWindow(window)
  local from, to = boundsOf(window)
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

local windows, people = {}, {}
for i, window in ipairs(ask.windows) do windows[i] = readWindow(window) end
for i, userId in ipairs(ask.people) do
  local packed = redis.call('ZSCORE', ranks, userId)
  local detail = redis.call('HGET', versions, userId) or ''
  people[i] = { packed or '', packed and peopleAbove(packed) or 0, detail }
end
local first = redis.call('ZREVRANGE', ranks, 0, 0, 'WITHSCORES')
return { board[1], board[2], board[3], size, first[2] or '', windows, people }
